/**
 * Signing in through an agency's own provider: which there are, the way there, and finding one's vault when one is back.
 *
 * The provider opens a session, never a vault: whoever comes back unlocks the phone as always, or, where the phone does
 * not know them yet, chooses the passphrase that opens it from then on.
 */
import { listDevices } from '../storage/devices.ts';
import { call, isRecord, NotOurs } from '../transport/client.ts';
import { newest } from './access.ts';
import { me } from './phase.ts';
import { database } from './phone.ts';
import { checkedSession } from './renewal.ts';
import { authenticated } from './since.ts';

export interface Provider {
  id: string;
  label: string;
  /** Since when the own account is linked there; null where it is not, or where nobody has signed in. */
  linked_at: string | null;
}

/** This tab went to the provider: without it, an old session could be taken for a sign-in of now. */
const DEPARTED = 'openid';

/** Out of what a server answered; none where it is no list. */
export function providersOf(answer: unknown): Provider[] {
  return (Array.isArray(answer) ? answer : []).filter(isRecord).flatMap(({ id, label, linked_at }) =>
    typeof id === 'string' && typeof label === 'string' ? { id, label, linked_at: typeof linked_at === 'string' ? linked_at : null } : [],
  );
}

/** Those that the own account can be linked to. @throws Unreachable, NotOurs, Problem; as do all of these */
export const askLinks = async (): Promise<Provider[]> => providersOf(await call('GET', '/api/openid/links'));

export const unlink = (id: string): Promise<unknown> => call('DELETE', `/api/openid/link/${id}`);

async function depart(path: string, body?: object): Promise<void> {
  const answer = await call('POST', path, body);
  const address = isRecord(answer) && typeof answer['address'] === 'string' ? answer['address'] : '';
  // An address of another kind would be run as a script.
  if (!/^https?:\/\//.test(address)) throw new NotOurs(200);
  globalThis.location.assign(address);
}

/** Leaves the app for the provider. */
export async function leaveToSignIn(id: string): Promise<void> {
  globalThis.sessionStorage.setItem(DEPARTED, id);
  await depart(`/api/openid/${id}/begin`, { device_id: me.peek()?.device_id ?? null });
}

export const leaveToLink = (id: string): Promise<void> => depart(`/api/openid/link/${id}`);

/** Back with a session. `device_id`: the enrolment on this phone, to be unlocked; null where there is none yet. */
export async function comeBack(): Promise<{ name: string; device_id: string | null }> {
  const { user } = checkedSession(await call('GET', '/api/session'));
  const mine = newest(await listDevices(database), ({ user_id }) => user_id === user.id);
  const departed = globalThis.sessionStorage.getItem(DEPARTED) !== null;
  globalThis.sessionStorage.removeItem(DEPARTED);
  if (mine && departed) await authenticated(mine.device_id);
  return { name: user.name, device_id: mine?.device_id ?? null };
}
