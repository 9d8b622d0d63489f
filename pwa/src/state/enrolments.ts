/** Who is enrolled on this phone, and who of them is at it: from the storage into the signals. Needs no network. */
import { listDevices, readDevice } from '../storage/devices.ts';
import { readProfile } from '../storage/profile.ts';
import { readProgram } from '../storage/programs.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { writeSetting } from '../storage/settings.ts';
import { keepGlance } from './glance.ts';
import { knownOfficers, me, phase, write, type Me } from './phase.ts';
import { database } from './phone.ts';
import { takePreferences } from './preferences.ts';
import type { ProgramDocument, Role } from './types.ts';

/** Who is enrolled here, and who was last: decides between the sign-in screen and the lock. Call once. */
export async function readPhone(): Promise<void> {
  const [before, person] = [phase.peek(), me.peek()];
  const unmoved = (): boolean => phase.peek() === before && me.peek() === person;
  try {
    const profile = await readProfile(database);
    takePreferences(profile);
    write.demo.value = profile.settings.get('demo') === true;
    takeOfficers(profile.devices);
    // Whoever was quicker than the storage keeps the screen that they went to.
    if (unmoved()) await takeLast(profile.devices, profile.settings.get('device'));
    keepGlance();
  } catch {
    // No storage (private mode): the sign-in screen says so when it is tried.
    if (unmoved()) write.phase.value = 'sign_in';
  }
}

async function takeLast(rows: readonly DeviceRow[], last: unknown): Promise<void> {
  const officers = knownOfficers.peek();
  const chosen = officers.find(({ device_id }) => device_id === last) ?? (officers.length === 1 ? officers[0] : undefined);
  const row = rows.find(({ device_id }) => device_id === chosen?.device_id);
  write.me.value = row ? personOf(row) : null;
  write.phase.value = officers.length > 0 ? 'locked' : 'sign_in';
  if (row) await takeProgram(row);
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
    .map(({ device_id, login, wraps, wrong_passphrases: wrong = 0 }) => ({
      device_id,
      login,
      unlockable: wraps.length > 0,
      wrong,
      passkeys: wraps.flatMap((wrap) => (wrap.kind === 'passkey' ? [wrap.credential_id] : [])),
      passphrase: wraps.some(({ kind }) => kind === 'passphrase'),
    }))
    .sort((one, other) => one.login.localeCompare(other.login));
}

/** The person of an enrolment; the name is under the vault key, so the login stands for it until then. */
export function personOf(row: DeviceRow): Me {
  const { device_id, user_id, login, program_id, role, agency_id } = row;
  return { device_id, user_id, login, name: login, program_id, role: role as Role, agency_id };
}

/** Makes an officer of this phone the present one, still locked. */
export async function takeOfficer(device_id: string): Promise<void> {
  const row = await readDevice(database, device_id);
  if (!row) return;
  write.me.value = personOf(row);
  write.signedIn.value = false;
  await takeProgram(row);
  await writeSetting(database, 'device', device_id);
}

async function takeProgram({ device_id, program_id }: DeviceRow): Promise<void> {
  const document = ((await readProgram(database, program_id)) ?? null) as ProgramDocument | null;
  // Somebody else may have been chosen meanwhile, or the server's newer word may have come.
  if (me.peek()?.device_id === device_id) write.program.value = document;
}
