/** What a tap has just opened is brought into view, clear of the bars, so that the next tap needs no scrolling. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function InView({ kind = '', children }: { kind?: string; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <div class={`in-view ${kind}`} ref={box}>
      {children}
    </div>
  );
}
