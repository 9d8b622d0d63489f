/**
 * Getting in and out: start, unlock, lock, sign out, change of officer, and writing without a key.
 *
 * Opening the vault is `unlocking.ts`, signing in and enrolling `access.ts`; both arrive when they are needed. Nothing here
 * ever touches unsent work.
 */
import { listDevices, readDevice } from '../storage/devices.ts';
import { readProgram } from '../storage/programs.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { readProfile } from '../storage/profile.ts';
import { writeSetting } from '../storage/settings.ts';
import { forgetOpened, knownOfficers, me, phase, settle, write, type Me } from './phase.ts';
import { database, holdVault } from './phone.ts';
import { takePreferences } from './preferences.ts';
import { goInstead } from './router.ts';
import type { ProgramDocument, Role } from './types.ts';

export {
  bootstrap, callable, demo, knownOfficers, me, phase, program, signedIn, type KnownOfficer, type Me, type Phase,
} from './phase.ts';

export type SignInResult =
  | { ok: true }
  | { ok: false; why: 'refused' | 'offline' | 'server' | 'storage' | 'device' | 'old_passphrase' }
  | { ok: false; why: 'too_many'; minutes: number };

const later = (): Promise<typeof import('./later.ts')> => import('./later.ts');

/** Who is enrolled here, and who was last: decides between the sign-in screen and the lock. */
export async function start(): Promise<void> {
  try {
    // Making the database takes longer than fetching it, and on the first visit there is nothing in it.
    const [profile] = await Promise.all([readProfile(database), welcome()]);
    takePreferences(profile);
    write.demo.value = profile.settings.get('demo') === true;
    takeOfficers(profile.devices);
    const officers = knownOfficers.peek();
    const last = profile.settings.get('device');
    const chosen = officers.find(({ device_id }) => device_id === last) ?? (officers.length === 1 ? officers[0] : undefined);
    const row = profile.devices.find(({ device_id }) => device_id === chosen?.device_id);
    if (row) write.me.value = personOf(row);
    write.phase.value = officers.length > 0 ? 'locked' : 'sign_in';
    if (row) await takeProgram(row);
  } catch {
    // No storage (private mode): the sign-in screen says so when it is tried.
    write.phase.value = 'sign_in';
  }
}

async function welcome(): Promise<void> {
  if (!(await database.exists())) write.phase.value = 'sign_in';
}

/** Reads again who is enrolled on this phone. */
export const readOfficers = async (): Promise<void> => takeOfficers(await listDevices(database));

function takeOfficers(rows: readonly DeviceRow[]): void {
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

/** The person of an enrolment; the name is under the vault key, so the login stands for it until then. */
export function personOf(row: DeviceRow): Me {
  const { device_id, user_id, login, program_id, role, agency_id } = row;
  return { device_id, user_id, login, name: login, program_id, role: role as Role, agency_id };
}

/** Makes an officer of this phone the present one, still locked. */
async function takeOfficer(device_id: string): Promise<void> {
  const row = await readDevice(database, device_id);
  if (!row) return;
  write.me.value = personOf(row);
  write.signedIn.value = false;
  await takeProgram(row);
}

async function takeProgram({ device_id, program_id }: DeviceRow): Promise<void> {
  const document = ((await readProgram(database, program_id)) ?? null) as ProgramDocument | null;
  // Somebody else may have been chosen meanwhile, or the server's newer word may have come.
  if (me.peek()?.device_id === device_id) write.program.value = document;
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

/**
 * Opens the phone with the passphrase; needs no network. While it is open already this only says whether the
 * passphrase is right (a phone handed over and taken back).
 */
export const unlock = async (passphrase: string): Promise<boolean> => (await later()).unlock(passphrase);

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
  await (await later()).access.endSession();
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

async function whenItArrives(work: (access: typeof import('./access.ts')) => Promise<SignInResult>): Promise<SignInResult> {
  try {
    return await work((await later()).access);
  } catch (error) {
    console.error(error);
    return { ok: false, why: navigator.onLine ? 'server' : 'offline' };
  }
}

/** Signs in with the server, enrolling this phone the first time; without a network it unlocks a phone enrolled before. */
export const signIn = (login: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((access) => access.signIn(login, passphrase));

/** The passphrase was changed elsewhere: the vault opens with the old one, once, and from then on with the new. */
export const rewrap = (login: string, former: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((access) => access.rewrapAndEnter(login, former, passphrase));

/** The old passphrase is forgotten: a new enrolment beside the old one, whose sealed work is still sent. */
export const forgetOldVault = (login: string, passphrase: string): Promise<SignInResult> =>
  whenItArrives((access) => access.signIn(login, passphrase, { afresh: true }));

/** Asks the server who it is; what it says is in `bootstrap`. */
export async function fetchBootstrap(): Promise<void> {
  await (await later()).access.fetchBootstrap().catch(() => undefined);
}
