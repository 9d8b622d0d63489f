/** Taking an invitation up: the first passphrase of a new account, or another phone for somebody who has one. */
import { listDevices } from '../storage/devices.ts';
import { openVault } from '../storage/vault.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from '../transport/client.ts';
import { newest, settleIn } from './access.ts';
import { enrolAndEnter } from './enrolling.ts';
import { database } from './phone.ts';
import { checkedSession, enrolAgain } from './renewal.ts';

/** The token of an address, or a code with the user name that it was made for. */
export type Invitation = { token: string } | { login: string; code: string };

export interface Guest {
  name: string;
  login: string;
  /** False where the invitation is for another phone: the passphrase is the one that the person has. */
  chooses: boolean;
  /** True where they never had one before. */
  first: boolean;
}

/** gone: unknown, used, or run out. weak: too easy to guess. refused: not the passphrase that the person has. */
export type Joined = 'in' | 'gone' | 'weak' | 'refused' | 'wait' | 'offline' | 'failed';

const REFUSALS: Partial<Record<number, Joined>> = { 401: 'refused', 404: 'gone', 409: 'gone', 410: 'gone', 422: 'weak', 429: 'wait' };

export function refusalOf(error: unknown): Joined {
  if (error instanceof Unreachable) return 'offline';
  return (error instanceof Problem && REFUSALS[error.status]) || 'failed';
}

/** Whom it is for. @throws Unreachable, NotOurs, Problem */
export async function look(invitation: Invitation): Promise<Guest> {
  const answer = await call('POST', '/api/invitations/look', invitation);
  if (!isRecord(answer)) throw new NotOurs(200);
  const { name, login, purpose } = answer;
  if (typeof name !== 'string' || typeof login !== 'string') throw new NotOurs(200);
  return { name, login, chooses: purpose !== 'enrol', first: purpose === 'join' };
}

/** Sets or proves the passphrase, signs in, and enrols this phone. */
export async function join(invitation: Invitation, passphrase: string): Promise<Joined> {
  try {
    const session = checkedSession(await call('POST', '/api/invitations/accept', { ...invitation, passphrase }));
    const mine = newest(await listDevices(database), ({ user_id }) => user_id === session.user.id);
    const vault = mine && (await openVault(mine, passphrase));
    // A vault that the passphrase does not open stays for what it has to send; the person gets a new one beside it.
    const result = vault ? await settleIn(await enrolAgain(mine), vault, session) : await enrolAndEnter(session, passphrase);
    return result.ok ? 'in' : result.why === 'offline' ? 'offline' : 'failed';
  } catch (error) {
    return refusalOf(error);
  }
}
