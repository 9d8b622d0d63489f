/**
 * A passkey at the lock and at sign-in: one tap that signs in and, by the secret it gives, opens the vault.
 *
 * The server's challenge is fetched before the tap, because the browser wants to be asked within it. Without one the
 * challenge is made here: it proves nothing to anybody but the vault.
 */
import { askPasskey, localRequest, passkeysExist, type Ceremony, type RequestJson } from '../transport/passkeys.ts';
import { call, isRecord } from '../transport/client.ts';

/** What the server wants to see, under the challenge that it gave. */
export interface Answer {
  challenge_id: string;
  credential: Record<string, unknown>;
}

/**
 * not_used: cancelled, or the phone could not check that it is the person. no_secret: it does not open this phone's vault.
 * `answer` is null where the challenge was not the server's.
 */
export type Used =
  | { how: 'used'; secret: Ceremony['secret']; answer: Answer | null }
  | { how: 'not_used' }
  | { how: 'no_secret' };

interface Challenge {
  challenge_id: string;
  options: RequestJson;
  at: number;
}

/** A minute less than the server keeps it. */
const CHALLENGE_MS = 4 * 60_000;

let prepared: Challenge | null = null;
let asking: Promise<void> | null = null;

const standing = (): Challenge | null => (prepared !== null && Math.abs(Date.now() - prepared.at) < CHALLENGE_MS ? prepared : null);

/** Fetches a challenge for the next tap. Without a connection there is none. */
export function prepareKey(): Promise<void> {
  if (!passkeysExist() || !navigator.onLine || standing()) return Promise.resolve();
  asking ??= call('POST', '/api/session/passkey-options', {})
    .then((answer) => {
      if (isRecord(answer) && typeof answer['challenge_id'] === 'string' && isRecord(answer['options'])) {
        prepared = { challenge_id: answer['challenge_id'], options: answer['options'] as unknown as RequestJson, at: Date.now() };
      }
    })
    .catch(() => undefined)
    .finally(() => {
      asking = null;
    });
  return asking;
}

/** Asks for one of these passkeys, or any. Each challenge is used once. */
export async function tapKey(only: readonly string[] = []): Promise<Used> {
  const challenge = standing();
  prepared = null;
  try {
    const { credential, secret } = await askPasskey(challenge?.options ?? localRequest(), only);
    return { how: 'used', secret, answer: challenge && { challenge_id: challenge.challenge_id, credential } };
  } catch {
    void prepareKey();
    return { how: 'not_used' };
  }
}
