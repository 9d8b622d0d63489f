/**
 * Signing in with the passphrase: with the server where it can be reached, else by what lies on this phone.
 *
 * Keeping the session is `renewal.ts`; somebody new on this phone is `enrolling.ts`, which arrives when it is first needed.
 */
import { tryPassphrase } from '../storage/attempts.ts';
import { listDevices } from '../storage/devices.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { NotOurs, Problem, Unreachable } from '../transport/client.ts';
import { exchangeSoon } from './connection.ts';
import { readOfficers } from './enrolments.ts';
import { enter } from './opening.ts';
import { write } from './phase.ts';
import { database } from './phone.ts';
import { fetchProgram } from './program.ts';
import { beginSession, enrolAgain, proved } from './renewal.ts';
import { goInstead } from './router.ts';
import type { SignInResult } from './session.ts';
import { triesLeft } from './tries.ts';
import type { SessionAnswer } from './types.ts';

type Refusal = Exclude<SignInResult, { ok: true }>;

const SECONDS_A_MINUTE = 60;

/** @throws what is no refusal */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Problem && error.code === 'code-needed') return { ok: false, why: 'code' };
  if (error instanceof Problem && error.status === 401) return { ok: false, why: 'refused' };
  if (error instanceof Problem && error.status === 429) {
    return { ok: false, why: 'too_many', minutes: Math.max(1, Math.ceil((error.retry_after_s ?? 0) / SECONDS_A_MINUTE)) };
  }
  if (error instanceof Unreachable) return { ok: false, why: 'offline' };
  if (error instanceof Problem || error instanceof NotOurs) return { ok: false, why: 'server' };
  throw error;
}

/** As the server has it, or as a phone's keyboard began it. */
const sameLogin = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/** Of several enrolments of one person the newest counts; the others only have things left to send. */
export function newest(rows: DeviceRow[], belongs: (row: DeviceRow) => boolean): DeviceRow | undefined {
  const own = rows.filter((row) => belongs(row) && row.wraps.length > 0);
  return own.sort((one, other) => one.created_at.localeCompare(other.created_at)).at(-1);
}

/** The person's enrolment under whose id another browser profile writes as well, until it has been replaced. */
export const forked = (rows: readonly DeviceRow[], { user }: SessionAnswer): DeviceRow | undefined =>
  rows.find((row) => row.user_id === user.id && row.forked && row.wraps.length > 0);

/** The end of every sign-in: the program is fetched, the vault put to use. */
export async function settleIn(row: DeviceRow, vault: OpenVault, session: SessionAnswer): Promise<SignInResult> {
  write.signedIn.value = true;
  write.refused.value = false;
  await fetchProgram().catch(() => undefined);
  await readOfficers();
  await enter(row, vault);
  await proved(row.device_id);
  // A wish, not a wall: Back leads home, and what is written is sent.
  if (session.second_factor_needed === true) goInstead('/me/access');
  exchangeSoon();
  return { ok: true };
}

const byPassphrase = ({ wraps }: DeviceRow): boolean => wraps.some(({ kind }) => kind === 'passphrase');

/** Without a connection the same form opens a phone that knows the person. */
async function unlockInstead(row: DeviceRow | undefined, passphrase: string, refusal: Refusal): Promise<SignInResult> {
  if (!row || (refusal.why !== 'offline' && refusal.why !== 'server')) return refusal;
  if (!byPassphrase(row)) return { ok: false, why: 'passkey_only' };
  const tried = await tryPassphrase(database, row.device_id, passphrase);
  triesLeft.value = tried.vault === null ? tried.left : null;
  if (!tried.vault) return { ok: false, why: 'refused' };
  await enter(row, tried.vault);
  return { ok: true };
}

/** Everyone enrolled on this phone; null where the browser keeps nothing. */
export async function devices(): Promise<DeviceRow[] | null> {
  try {
    return await listDevices(database);
  } catch {
    return null;
  }
}

/** @param code six digits, where the server asked for them. */
export async function signIn(login: string, passphrase: string, code?: string | null): Promise<SignInResult> {
  const rows = await devices();
  if (!rows) return { ok: false, why: 'storage' };
  const known = newest(rows, (row) => sameLogin(row.login, login));
  let session: SessionAnswer;
  try {
    const proof = { login, password: passphrase, ...(code ? { code: code.trim() } : {}) };
    session = await beginSession('/api/session', proof, known?.device_id ?? null);
  } catch (error) {
    const refusal = refusalOf(error);
    // The passphrase was taken when the code was asked for.
    if (code && refusal.why === 'refused') return { ok: false, why: 'code_wrong' };
    return unlockInstead(known, passphrase, refusal);
  }
  const mine = newest(rows, (row) => row.user_id === session.user.id);
  const former = forked(rows, session);
  if (!mine || former) return (await import('./enrolling.ts')).enrolAndEnter(session, passphrase, former);
  const vault = await openVault(mine, passphrase);
  if (vault) return settleIn(await enrolAgain(mine), vault, session);
  return { ok: false, why: byPassphrase(mine) ? 'old_passphrase' : 'passkey_only' };
}
