/**
 * Signing in, enrolling this phone, renewing a session: the parts of getting in that need the server.
 *
 * Arrives when it is first needed. The order is chosen so that a connection lost at any point leaves either nothing or
 * an enrolment that repeats harmlessly at the next sign-in.
 */
import type { DeviceRow } from '../storage/schema.ts';
import { changeDevice, listDevices, storeDevice } from '../storage/devices.ts';
import { anyDrafts } from '../storage/drafts.ts';
import { readProgram, storeProgram } from '../storage/programs.ts';
import { peopleData } from '../storage/records.ts';
import { writeSetting } from '../storage/settings.ts';
import { createVault, openVault, rewrap, type OpenVault } from '../storage/vault.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from '../transport/client.ts';
import { enrol } from '../transport/enrol.ts';
import { drafts } from './drafts.ts';
import { keepingPacks } from './packs.ts';
import { me, refused, signedIn, write } from './phase.ts';
import { database } from './phone.ts';
import { enter } from './opening.ts';
import { readOfficers } from './enrolments.ts';
import type { SignInResult } from './session.ts';
import { exchangeSoon } from './connection.ts';
import type { Bootstrap, ProgramDocument, SessionAnswer } from './types.ts';

type Refusal = Exclude<SignInResult, { ok: true }>;

const SECONDS_A_MINUTE = 60;

function checkedSession(answer: unknown): SessionAnswer {
  if (!isRecord(answer) || !isRecord(answer['user']) || typeof answer['user']['id'] !== 'string') throw new NotOurs(200);
  return answer as unknown as SessionAnswer;
}

async function beginSession(login: string, password: string, device_id: string | null): Promise<SessionAnswer> {
  const answer = checkedSession(await call('POST', '/api/session', { login, password, device_id }));
  await rememberDemo(answer.demo);
  return answer;
}

/** The banner must stand offline, too. */
async function rememberDemo(demo: boolean): Promise<void> {
  write.demo.value = demo;
  await writeSetting(database, 'demo', demo).catch(() => undefined);
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Problem && error.status === 401) return { ok: false, why: 'refused' };
  if (error instanceof Problem && error.status === 429) {
    return { ok: false, why: 'too_many', minutes: Math.max(1, Math.ceil((error.retry_after_s ?? 0) / SECONDS_A_MINUTE)) };
  }
  if (error instanceof Unreachable) return { ok: false, why: 'offline' };
  if (error instanceof Problem || error instanceof NotOurs) return { ok: false, why: 'server' };
  throw error;
}

/** Of several enrolments of one person the newest counts; the others only have things left to send. */
function newest(rows: DeviceRow[], belongs: (row: DeviceRow) => boolean): DeviceRow | undefined {
  const own = rows.filter((row) => belongs(row) && row.wraps.length > 0);
  return own.sort((one, other) => one.created_at.localeCompare(other.created_at)).at(-1);
}

export async function fetchProgram(): Promise<void> {
  const document = await call('GET', '/api/program');
  if (!isRecord(document) || typeof document['id'] !== 'string') throw new NotOurs(200);
  const former = (await readProgram(database, document['id'])) as ProgramDocument | undefined;
  const writing = drafts.peek().length > 0 || (await anyDrafts(database));
  const kept = keepingPacks(document as unknown as ProgramDocument, former ?? null, writing);
  await storeProgram(database, kept.id, kept);
  if (me.peek()?.program_id === kept.id) write.program.value = kept;
}

const label = (): string => (/Android/.test(navigator.userAgent) ? 'Android' : /iPhone|iPad/.test(navigator.userAgent) ? 'iOS' : 'Browser');

/** A new vault and enrolment for somebody new on this phone. Nothing stays behind if the server cannot be reached. */
async function enrolAnew(session: SessionAnswer, login: string, passphrase: string): Promise<{ row: DeviceRow; vault: OpenVault }> {
  const { id: user_id, name, role, program_id, agency_id } = session.user;
  const { device, vault } = await createVault(passphrase, {
    device_id: crypto.randomUUID(), user_id, login, program_id, role, agency_id, created_at: new Date().toISOString(),
  });
  // The person's own name, for the lock to open on: under the vault key like every other name.
  const people = await vault.encrypt(peopleData(device.device_id), { [user_id]: { name, role } });
  await storeDevice(database, { ...device, people });
  try {
    return { row: await enrol(database, device.device_id, label()), vault };
  } catch (error) {
    await database.write(['devices'], (transaction) => transaction.objectStore('devices').delete(device.device_id));
    throw error;
  }
}

/** A phone enrolled before: its cookie is renewed. A refusal does not keep anybody from their own drafts. */
async function enrolAgain(row: DeviceRow): Promise<DeviceRow> {
  try {
    return await enrol(database, row.device_id, label());
  } catch (error) {
    if (error instanceof Problem || error instanceof NotOurs || error instanceof Unreachable) return row;
    throw error;
  }
}

async function settleIn(row: DeviceRow, vault: OpenVault): Promise<SignInResult> {
  write.signedIn.value = true;
  write.refused.value = false;
  await fetchProgram().catch(() => undefined);
  await readOfficers();
  await enter(row, vault);
  exchangeSoon();
  return { ok: true };
}

/** Without a connection the same form opens a phone that knows the person. */
async function unlockInstead(row: DeviceRow | undefined, passphrase: string, refusal: Refusal): Promise<SignInResult> {
  if (!row || (refusal.why !== 'offline' && refusal.why !== 'server')) return refusal;
  const vault = await openVault(row, passphrase);
  if (!vault) return { ok: false, why: 'refused' };
  await enter(row, vault);
  return { ok: true };
}

async function devices(): Promise<DeviceRow[] | null> {
  try {
    return await listDevices(database);
  } catch {
    return null;
  }
}

/** @param afresh enrols anew although the phone knows the person: the old passphrase is forgotten. */
export async function signIn(login: string, passphrase: string, { afresh = false } = {}): Promise<SignInResult> {
  const rows = await devices();
  if (!rows) return { ok: false, why: 'storage' };
  const known = newest(rows, (row) => row.login === login);
  let session: SessionAnswer;
  try {
    session = await beginSession(login, passphrase, known?.device_id ?? null);
  } catch (error) {
    return unlockInstead(known, passphrase, refusalOf(error));
  }
  const mine = afresh ? undefined : newest(rows, (row) => row.user_id === session.user.id);
  if (mine) {
    const vault = await openVault(mine, passphrase);
    return vault ? settleIn(await enrolAgain(mine), vault) : { ok: false, why: 'old_passphrase' };
  }
  try {
    const { row, vault } = await enrolAnew(session, login, passphrase);
    return await settleIn(row, vault);
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal.why === 'offline' ? refusal : { ok: false, why: 'device' };
  }
}

/** Signed in with the new passphrase already; the former opens the vault once more, and is replaced. */
export async function rewrapAndEnter(login: string, former: string, passphrase: string): Promise<SignInResult> {
  const row = newest(await listDevices(database), (each) => each.login === login);
  const wraps = row && (await rewrap(row, former, passphrase));
  if (!row || !wraps) return { ok: false, why: 'old_passphrase' };
  await database.write(['devices'], (transaction) => changeDevice(transaction, row.device_id, () => ({ wraps })));
  return signIn(login, passphrase);
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
  return (renewing = renew(row, passphrase));
}

let renewing: Promise<void> = Promise.resolve();

async function renew(row: DeviceRow, passphrase: string): Promise<void> {
  try {
    if (!(await sessionOf(row.user_id))) {
      await beginSession(row.login, passphrase, row.device_id);
      await enrolAgain(row);
    }
    if (me.peek()?.user_id !== row.user_id) return;
    write.signedIn.value = true;
    write.refused.value = false;
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

export async function endSession(): Promise<void> {
  await call('DELETE', '/api/session').catch(() => undefined);
}

/** @throws Unreachable, NotOurs, Problem */
export async function fetchBootstrap(): Promise<void> {
  const answer = await call('GET', '/api/bootstrap');
  if (!isRecord(answer) || typeof answer['demo'] !== 'boolean') throw new NotOurs(200);
  write.bootstrap.value = answer as unknown as Bootstrap;
  await rememberDemo(answer['demo']);
}
