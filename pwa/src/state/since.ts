/**
 * What follows from how, and how long ago, the server last took this person's passkey or passphrase.
 *
 * After twelve hours, opened without a connection, the phone writes but does not read: a new referral can be begun, finished and sent, while
 * what was on the phone before stays shut until somebody signs in with a connection. The phone's clock decides, so this is
 * a rule for honest phones; what holds against others is the vault.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { changeDevice } from '../storage/devices.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { afterLock } from './phase.ts';
import { database } from './phone.ts';

export const FULL_SIGN_IN_MS = 12 * 60 * 60_000;

const shut = signal(false);
const wanted = signal(false);
let takenAt: number | null = null;

/** Earlier drafts and records stay shut. */
export const stale: ReadonlySignal<boolean> = shut;

/** The program wants a passkey or a code besides the passphrase, and gives nothing to read until there is one. */
export const factorNeeded: ReadonlySignal<boolean> = wanted;

/** What the server says of the session. */
export function needsFactor(needed: boolean): void {
  wanted.value = needed;
}

/** Pure, for tests. A phone that an older version enrolled knows of no time, and is not kept from its drafts by an update. */
export const isStale = (authenticated_at: string | undefined, now_ms: number): boolean =>
  authenticated_at !== undefined && now_ms - Date.parse(authenticated_at) >= FULL_SIGN_IN_MS;

/** The vault of this enrolment is being opened. */
export function began({ authenticated_at }: DeviceRow): void {
  takenAt = authenticated_at === undefined ? null : Date.parse(authenticated_at);
  shut.value = isStale(authenticated_at, Date.now());
}

/** The server has just taken the person's proof. True if something was shut until now. */
export async function authenticated(device_id: string): Promise<boolean> {
  const authenticated_at = new Date().toISOString();
  await database.write(['devices'], (transaction) => changeDevice(transaction, device_id, () => ({ authenticated_at, wrong_passphrases: 0 })));
  takenAt = Date.parse(authenticated_at);
  const was = shut.peek();
  shut.value = false;
  return was;
}

/** It is time to sign in again. Only where there is a connection: nobody is cut off from a draft in the middle of a stop. */
export const mustSignIn = (now_ms: number): boolean =>
  navigator.onLine && !shut.peek() && takenAt !== null && now_ms - takenAt >= FULL_SIGN_IN_MS;

afterLock(() => {
  takenAt = null;
  shut.value = false;
});
