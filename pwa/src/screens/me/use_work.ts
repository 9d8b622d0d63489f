/** One thing at a time that the server is asked for: busy while it lasts, and in words what came of it. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { Unreachable } from '../../transport/client.ts';

export interface Work {
  busy: boolean;
  /** What came of the last one; empty where nothing needs to be said. */
  said: string;
  bad: boolean;
  /** `work` returns what to say: a sentence that it worked, or one that it did not. */
  run: (work: () => Promise<Outcome>) => Promise<void>;
}

export type Outcome = { good: string } | { bad: string } | null;

export function useWork(): Work {
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const [bad, setBad] = useState(false);
  const run = async (work: () => Promise<Outcome>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    const outcome = await work().catch((error: unknown): Outcome => ({
      bad: t(error instanceof Unreachable ? 'access_offline' : 'access_failed'),
    }));
    setBusy(false);
    setBad(outcome !== null && 'bad' in outcome);
    const sentence = outcome === null ? '' : 'bad' in outcome ? outcome.bad : outcome.good;
    setSaid(sentence);
    announce(sentence);
  };
  return { busy, said, bad, run };
}
