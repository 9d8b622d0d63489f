/** One deed at a time that the server is asked for: busy while it lasts, and in words what came of it. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { Problem, Unreachable } from '../../transport/client.ts';
import { Button } from '../parts/index.ts';

export interface Outcome {
  good: boolean;
  words: string;
  /** The server's own sentence, which is English; null where ours says it all. */
  detail: string | null;
}

/** What a failure means for the person; everything but a lost connection leaves things as they were. */
export function failureOf(error: unknown): { key: MessageKey; detail: string | null } {
  if (error instanceof Unreachable) return { key: 'adm_not_reached', detail: null };
  if (!(error instanceof Problem)) return { key: 'adm_failed', detail: null };
  if (error.code === 'proof-needed') return { key: 'adm_proof_missing', detail: null };
  switch (error.status) {
    case 403:
      return { key: 'adm_forbidden', detail: error.detail };
    case 404:
      return { key: 'adm_gone', detail: null };
    case 409:
    case 422:
      return { key: 'adm_refused', detail: [error.detail, ...error.errors.map(({ message }) => message)].join(' ') };
    case 429:
      return { key: 'adm_too_many', detail: null };
    default:
      return { key: 'adm_failed', detail: null };
  }
}

export interface Deed {
  busy: boolean;
  outcome: Outcome | null;
  /** `work` returns the sentence for its success; null where the screen shows it. True if it succeeded. */
  run: (work: () => Promise<string | null>) => Promise<boolean>;
}

export function useDeed(): Deed {
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const run = async (work: () => Promise<string | null>): Promise<boolean> => {
    if (busy) return false;
    setBusy(true);
    setOutcome(null);
    let came: Outcome | null;
    try {
      const words = await work();
      came = words === null ? null : { good: true, words, detail: null };
    } catch (error) {
      const { key, detail } = failureOf(error);
      came = { good: false, words: t(key), detail };
    }
    setBusy(false);
    setOutcome(came);
    if (came) announce(came.words);
    return came?.good ?? true;
  };
  return { busy, outcome, run };
}

export function Came({ of }: { of: Outcome | null }) {
  if (of === null) return null;
  return (
    <div>
      <p class={`state ${of.good ? 'good' : 'bad'}`}>{of.words}</p>
      {of.detail && (
        <p class="soft" lang="en">
          {of.detail}
        </p>
      )}
    </div>
  );
}

interface SureProps {
  /** The first tap, and its label where many stand on a screen. */
  ask: string;
  label?: string;
  /** What will happen, in a sentence. */
  lead: string;
  yes: string;
  busy: boolean;
  act: () => void;
}

/** Two taps, with what happens said between them; the second stands where nothing stood. */
export function Sure({ ask, label, lead, yes, busy, act }: SureProps) {
  const [asking, setAsking] = useState(false);
  if (!asking)
    return (
      <Button {...(label ? { label } : {})} busy={busy} onClick={() => setAsking(true)}>
        {ask}
      </Button>
    );
  const done = (): void => {
    setAsking(false);
    act();
  };
  return (
    <div class="sure" role="group" aria-label={label ?? ask}>
      <p class="state wait" role="status">
        {lead}
      </p>
      <div class="actions">
        <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
        <Button kind="danger" busy={busy} onClick={done}>
          {yes}
        </Button>
      </div>
    </div>
  );
}
