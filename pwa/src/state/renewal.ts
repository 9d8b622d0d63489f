/**
 * The session behind an open phone: begun with a proof, renewed in the background after an unlock, found alive, ended.
 *
 * A phone works without one. Whatever fails here leaves it unlocked, and the bar says what is missing.
 */
import type { DeviceRow } from '../storage/schema.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from '../transport/client.ts';
import { enrol } from '../transport/enrol.ts';
import { exchangeSoon } from './connection.ts';
import { reloadDrafts } from './drafts.ts';
import type { Answer } from './passkeys.ts';
import { me, refused, signedIn, write } from './phase.ts';
import { database } from './phone.ts';
import { fetchProgram, rememberDemo } from './program.ts';
import { reloadRecords } from './records.ts';
import { authenticated, needsFactor, stale } from './since.ts';
import type { SessionAnswer } from './types.ts';

/** @throws NotOurs */
export function checkedSession(answer: unknown): SessionAnswer {
  if (!isRecord(answer) || !isRecord(answer['user']) || typeof answer['user']['id'] !== 'string') throw new NotOurs(200);
  const session = answer as unknown as SessionAnswer;
  needsFactor(session.second_factor_needed === true);
  return session;
}

export async function beginSession(path: '/api/session' | '/api/session/passkey', proof: object, device_id: string | null): Promise<SessionAnswer> {
  const answer = checkedSession(await call('POST', path, { ...proof, device_id }));
  await rememberDemo(answer.demo);
  return answer;
}

/** The server has just taken the person's proof: what had been shut for want of one is read. */
export async function proved(device_id: string): Promise<void> {
  if (await authenticated(device_id)) await Promise.all([reloadDrafts(), reloadRecords()]);
}

export const label = (): string => (/Android/.test(navigator.userAgent) ? 'Android' : /iPhone|iPad/.test(navigator.userAgent) ? 'iOS' : 'Browser');

/** A phone enrolled before: its cookie is renewed. A refusal does not keep anybody from their own drafts. */
export async function enrolAgain(row: DeviceRow): Promise<DeviceRow> {
  try {
    return await enrol(database, row.device_id, label());
  } catch (error) {
    if (error instanceof Problem || error instanceof NotOurs || error instanceof Unreachable) return row;
    throw error;
  }
}

async function sessionOf(user_id: string): Promise<boolean> {
  try {
    return checkedSession(await call('GET', '/api/session')).user.id === user_id;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return false;
    throw error;
  }
}

/** In the background after an unlock: the same passphrase renews a session that has ended or was somebody else's. */
export function renewSession(row: DeviceRow, passphrase: string): Promise<void> {
  const { login, device_id } = row;
  return (renewing = renew(row, async () => {
    // Where the phone shows nothing for want of a sign-in, a session that lives is not enough.
    if ((await sessionOf(row.user_id)) && !stale.peek()) return false;
    await beginSession('/api/session', { login, password: passphrase }, device_id);
    return true;
  }));
}

/** The same with the answer of the passkey that opened the vault. Null: it was given without the server. */
export function renewWithPasskey(row: DeviceRow, answer: Answer | null): Promise<void> {
  if (answer === null) return resumeSession();
  return (renewing = renew(row, async () => {
    await beginSession('/api/session/passkey', answer, row.device_id);
    return true;
  }));
}

let renewing: Promise<void> = Promise.resolve();

/** @param begin whether a session was begun: the other way is that it lives. */
async function renew(row: DeviceRow, begin: () => Promise<boolean>): Promise<void> {
  const { user_id, device_id } = row;
  const here = (): boolean => me.peek()?.user_id === user_id;
  try {
    const begun = await begin();
    if (begun) await enrolAgain(row);
    if (!here()) return;
    write.signedIn.value = true;
    write.refused.value = false;
    if (begun) await proved(device_id);
    exchangeSoon();
    await fetchProgram();
  } catch (error) {
    // Offline: the exchange says so. Refused: the passphrase was changed elsewhere, and the bar asks to sign in.
    if (error instanceof Problem && error.status === 401) write.refused.value = true;
  }
}

/**
 * Unlocked without a connection, and now there is one: the session of before may still be alive. If it has ended, or is
 * another person's, the bar asks to sign in; the passphrase is not kept for that.
 */
export async function resumeSession(): Promise<void> {
  await renewing;
  const user_id = me.peek()?.user_id;
  if (user_id === undefined || signedIn.peek() || refused.peek()) return;
  const alive = await sessionOf(user_id).catch(() => null);
  if (alive === null || me.peek()?.user_id !== user_id) return;
  write.signedIn.value = alive;
  write.refused.value = !alive;
}

/** A second factor was added: what the server kept back until then is fetched. */
export function factorAdded(): void {
  needsFactor(false);
  write.signedIn.value = true;
  write.refused.value = false;
  exchangeSoon();
}

export async function endSession(): Promise<void> {
  await call('DELETE', '/api/session').catch(() => undefined);
}
