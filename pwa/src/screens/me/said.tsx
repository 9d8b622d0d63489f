/** What came of it, where it was asked for. */
import type { Work } from './use_work.ts';

export function Said({ said, bad }: Pick<Work, 'said' | 'bad'>) {
  return said ? <p class={`state ${bad ? 'bad' : 'good'}`}>{said}</p> : null;
}
