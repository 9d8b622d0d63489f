/** One polite live region for the whole app: what changed without the person having moved. */
import { signal, type ReadonlySignal } from '@preact/signals';

const text = signal('');

export const announced: ReadonlySignal<string> = text;

/** Says a sentence to a screen reader, once, without moving the focus. */
export function announce(sentence: string): void {
  // The same sentence twice would not be a change, and would not be read.
  text.value = sentence === text.peek() ? `${sentence}\u00a0` : sentence;
}
