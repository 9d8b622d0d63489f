/** Giving the server a fresh proof: the passphrase, with a code where it wants one, or a passkey. */
import { call, Problem } from '../transport/client.ts';
import { prepareKey, tapKey } from './passkeys.ts';
import { proofSettled } from './proof.ts';

/** code: six digits are wanted as well. wait: too many attempts. */
export type Proved = 'given' | 'refused' | 'not_used' | 'code' | 'wait' | 'failed';

async function give(proof: object): Promise<Proved> {
  try {
    await call('POST', '/api/session/step-up', proof);
  } catch (error) {
    if (!(error instanceof Problem)) return 'failed';
    if (error.code === 'code-needed') return 'code';
    if (error.status === 429) return 'wait';
    return error.status === 401 || error.status === 403 ? 'refused' : 'failed';
  }
  proofSettled(true);
  return 'given';
}

export const proveByPassphrase = (passphrase: string, code: string | undefined): Promise<Proved> =>
  give({ password: passphrase, ...(code ? { code } : {}) });

/** One tap: asks for the passkey at once, before anything is awaited. */
export async function proveByPasskey(only: readonly string[]): Promise<Proved> {
  const used = await tapKey(only);
  if (used.how !== 'used') return 'not_used';
  used.secret?.secret.fill(0);
  return used.answer === null ? 'failed' : give(used.answer);
}

export { prepareKey };
