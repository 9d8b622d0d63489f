/** The frame of one screen: a heading that takes the focus, a way back, the content, the main action at the bottom. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { back as goBack } from '../../state/router.ts';

export interface ScreenProps {
  title: string;
  /** Above the heading: "3 of 5". */
  progress?: string | undefined;
  /** `true` is one step back in the app; a function where leaving means more. */
  back?: true | (() => void) | undefined;
  backLabel?: string;
  /** The one main action; stays within the thumb's reach. */
  main?: ComponentChildren;
  /** Desks and lists use the width. */
  wide?: boolean;
  /** False where an input takes the focus. */
  focusTitle?: boolean;
  children?: ComponentChildren;
}

export function Screen({ title, progress, back, backLabel, main, wide, focusTitle = true, children }: ScreenProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!focusTitle) return;
    heading.current?.focus({ preventScroll: true });
    globalThis.scrollTo(0, 0);
  }, [title, focusTitle]);
  return (
    <main id="main" class={wide ? 'screen wide' : 'screen'}>
      <header class="screen-top">
        {back && (
          <button type="button" class="button quiet back" onClick={() => (back === true ? goBack() : back())}>
            {backLabel ?? t('back')}
          </button>
        )}
        {progress && <p class="progress">{progress}</p>}
        <h1 id="title" tabIndex={-1} ref={heading}>
          {title}
        </h1>
      </header>
      <div class="screen-body">{children}</div>
      {main && <div class="screen-main">{main}</div>}
    </main>
  );
}

interface CardProps {
  title?: string;
  /** A hash path: the whole card leads there. */
  to?: string | undefined;
  tone?: 'good' | 'wait' | 'bad' | undefined;
  children: ComponentChildren;
}

export function Card({ title, to, tone, children }: CardProps) {
  const kind = tone ? `card ${tone}` : 'card';
  if (to !== undefined) {
    return (
      <a class={kind} href={`#${to}`}>
        {title && <strong class="card-title">{title}</strong>}
        {children}
      </a>
    );
  }
  return (
    <section class={kind}>
      {title && <h2 class="card-title">{title}</h2>}
      {children}
    </section>
  );
}
