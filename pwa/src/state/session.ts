/**
 * Getting in and out: start, unlock, lock, sign out, change of officer, and writing without a key.
 *
 * Unlocking needs no network. Signing in and enrolling do, and come from `access.ts` when they are needed. One
 * passphrase does both: after unlocking, a session that has ended is renewed in the background. Nothing here ever
 * touches unsent work.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { listDevices, readDevice } from '../storage/devices.ts';
import { readProgram } from '../storage/programs.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { readSetting, writeSetting } from '../storage/settings.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { forgetOpened, knownOfficers, me, phase, settle, write } from './phase.ts';
import { database, holdVault } from './phone.ts';
import { goInstead } from './router.ts';
import type { Bootstrap, ProgramDocument, Role } from './types.ts';

export { callable, demo, knownOfficers, me, phase, program, signedIn, type KnownOfficer, type Me, type Phase } from './phase.ts';

export type SignInResult =
  | { ok: true }
  | { ok: false; why: 'refused' | 'offline' | 'server' | 'storage' | 'device' | 'old_passphrase' }
  | { ok: false; why: 'too_many'; minutes: number };

const bootstrapAnswer = signal<Bootstrap | null>(null);

/** What the server says to anyone: its name, and in demo mode the accounts to try. */
export const bootstrap: ReadonlySignal<Bootstrap | null> = bootstrapAnswer;

const access = (): Promise<typeof import('./access.ts')> => import('./access.ts');

/** Who is enrolled here, and who was last: decides between the sign-in screen and the lock. */
export async function start(): Promise<void> {
  try {
    const [last, isDemo] = await Promise.all([readSetting(database, 'device'), readSetting(database, 'demo')]);
    write.demo.value = isDemo === true;
    await readOfficers();
    const officers = knownOfficers.peek();
    const chosen = officers.find(({ device_id }) => device_id === last) ?? (officers.length === 1 ? officers[0] : undefined);
    if (chosen) await takeOfficer(chosen.device_id);
    write.phase.value = officers.length > 0 ? 'locked' : 'sign_in';
  } catch {
    // No storage (private mode): the sign-in screen says so when it is tried.
    write.phase.value = 'sign_in';
  }
}

/** Reads again who is enrolled on this phone. */
export async function readOfficers(): Promise<void> {
  const rows = await listDevices(database);
  // After a wipe and a new enrolment the former row stays for what it still has to send; the new one stands for the person.
  const newest = new Map<string, DeviceRow>();
  for (const row of rows) {
    const known = newest.get(row.user_id);
    if (!known || known.created_at < row.created_at) newest.set(row.user_id, row);
  }
  write.officers.value = [...newest.values()]
    .map(({ device_id, login, wraps }) => ({ device_id, login, unlockable: wraps.length > 0 }))
    .sort((one, other) => one.login.localeCompare(other.login));
}

function personOf(row: DeviceRow): NonNullable<typeof me.value> {
  const { device_id, user_id, login, program_id, role, agency_id } = row;
  return { device_id, user_id, login, name: login, program_id, role: role as Role, agency_id };
}

/** Makes an officer of this phone the present one, still locked. */
async function takeOfficer(device_id: string): Promise<void> {
  const row = await readDevice(database, device_id);
  if (!row) return;
  write.me.value = personOf(row);
  write.program.value = ((await readProgram(database, row.program_id)) ?? null) as ProgramDocument | null;
  write.signedIn.value = false;
}

/** Chooses who is at the phone; null shows everyone to choose from. */
export function chooseOfficer(device_id: string | null): void {
  write.phase.value = 'locked';
  if (device_id === null) {
    write.me.value = null;
    return;
  }
  void takeOfficer(device_id).then(() => writeSetting(database, 'device', device_id));
}

/** The sign-in form, for somebody new on this phone or with a passphrase changed elsewhere. */
export function signInInstead(): void {
  if (phase.peek() === 'open') return void lock().then(signInInstead);
  write.phase.value = 'sign_in';
}

/** Puts the vault to use: what it holds is read, then the screens open. */
export async function enter(row: DeviceRow, vault: OpenVault): Promise<void> {
  const [{ openDrafts }, { people, reloadRecords }] = await Promise.all([import('./drafts.ts'), import('./records.ts')]);
  holdVault(vault);
  write.me.value = personOf(row);
  await Promise.all([openDrafts(vault), reloadRecords()]);
  write.me.value = { ...personOf(row), name: people.peek()[row.user_id]?.name ?? row.login };
  write.program.value = ((await readProgram(database, row.program_id)) ?? null) as ProgramDocument | null;
  write.phase.value = 'open';
  await writeSetting(database, 'device', row.device_id);
}

/**
 * Opens the phone with the passphrase; needs no network. While it is open already this only says whether the
 * passphrase is right (a phone handed over and taken back).
 */
export async function unlock(passphrase: string): Promise<boolean> {
  const who = me.peek();
  const row = who && (await readDevice(database, who.device_id));
  const vault = row && (await openVault(row, passphrase));
  if (!row || !vault) return false;
  if (phase.peek() === 'open') {
    vault.close();
    return true;
  }
  await enter(row, vault);
  void access().then(({ renewSession }) => renewSession(row, passphrase), () => undefined);
  return true;
}

/** Stores what is being written, then drops the key and what it opened. */
export async function lock(): Promise<void> {
  if (phase.peek() !== 'open' && phase.peek() !== 'write_only') return;
  await settle();
  write.phase.value = 'locked';
  holdVault(null);
  forgetOpened();
}

/** Ends the session on the server if it can be reached, and locks. Work that waits is still sent. */
export async function signOut(): Promise<void> {
  await lock();
  write.signedIn.value = false;
  chooseOfficer(null);
  goInstead('/');
  await (await access()).endSession();
}

/** Locks, and asks who is at the phone. */
export function switchOfficer(): void {
  void lock().then(() => {
    write.signedIn.value = false;
    chooseOfficer(null);
    goInstead('/');
  });
}

/** One referral in one sitting, unsigned, without the key of this phone. */
export function writeOnly(): void {
  if (!me.peek()) return;
  goInstead('/');
  write.phase.value = 'write_only';
}

async function whenItArrives(work: (module: typeof import('./access.ts')) => Promise<SignInResult>): Promise<SignInResult> {
  try {
    return await work(await access());
  } catch (error) {
    console.error(error);
    return { ok: false, why: navigator.onLine ? 'server' : 'offline' };
  }
}

/** Signs in with the server, enrolling this phone the first time; without a network it unlocks a phone enrolled before. */
export const signIn = (login: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((module) => module.signIn(login, passphrase));

/** The passphrase was changed elsewhere: the vault opens with the old one, once, and from then on with the new. */
export const rewrap = (login: string, former: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((module) => module.rewrapAndEnter(login, former, passphrase));

/** The old passphrase is forgotten: a new enrolment beside the old one, whose sealed work is still sent. */
export const forgetOldVault = (login: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((module) => module.signIn(login, passphrase, { afresh: true }));

export async function fetchBootstrap(): Promise<void> {
  if (bootstrapAnswer.peek()) return;
  const answer = await (await access()).fetchBootstrap().catch(() => null);
  if (!answer) return;
  bootstrapAnswer.value = answer;
  write.demo.value = answer.demo;
  await writeSetting(database, 'demo', answer.demo).catch(() => undefined);
}
