/** Submitting from a button: busy while it is being saved, and a word when this phone could not save it. */
import { useState } from 'preact/hooks';
import { submit } from '../../state/compose.ts';
import type { Act } from '../../state/types.ts';

type SubmitOptions = Parameters<typeof submit>[2];

export interface Submitting {
  busy: boolean;
  failed: boolean;
  /** True once the acts are kept on this phone. Never twice at the same time. */
  send: (acts: Act[], options?: SubmitOptions) => Promise<boolean>;
}

export function useSubmit(referral_id: string): Submitting {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const send: Submitting['send'] = async (acts, options) => {
    if (busy) return false;
    setBusy(true);
    setFailed(false);
    try {
      await submit(referral_id, acts, options);
      return true;
    } catch {
      setFailed(true);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failed, send };
}
