/**
 * What opens this phone's vault beside what opened it at enrolment: passkeys added and taken away, the passphrase changed, a
 * PIN for as long as the app is open.
 *
 * The vault key itself is in no script's reach while the vault is open, so each of these begins with a proof that opens it
 * once more. What the server knows of passkeys and passphrases is changed first: a phone that then dies asks for the former
 * passphrase, as after a change on another phone.
 */
import { changeDevice, readDevice } from '../storage/devices.ts';
import { PinLock } from '../storage/pin.ts';
import type { DeviceRow, Wrap } from '../storage/schema.ts';
import type { PasskeySecret, Proof } from '../storage/unlock.ts';
import { rewrap } from '../storage/new_vault.ts';
import { openVault } from '../storage/vault.ts';
import { call, isRecord, NotOurs, Problem } from '../transport/client.ts';
import { askPasskey, localRequest, makePasskey, type CreationJson } from '../transport/passkeys.ts';
import { readOfficers } from './enrolments.ts';
import { me } from './phase.ts';
import { tapKey } from './passkeys.ts';
import { database } from './phone.ts';
import { factorAdded } from './renewal.ts';
import { forgetPin, pinned } from './tries.ts';

/**
 * opens: signs in and opens this phone. signs: signs in only. wrong: that passphrase does not open this phone, and nothing was
 * done. not_used: cancelled, or the person could not be checked. twice: this phone has one for the person.
 */
export type Added = 'opens' | 'signs' | 'wrong' | 'not_used' | 'twice';

export interface Registration {
  challenge_id: string;
  options: CreationJson;
}

async function ownRow(): Promise<DeviceRow> {
  const row = me.peek() && (await readDevice(database, me.peek()!.device_id));
  if (!row) throw new Error('Nobody is at this phone.');
  return row;
}

async function store(device_id: string, change: (wraps: Wrap[]) => Wrap[]): Promise<void> {
  await database.write(['devices'], (transaction) =>
    changeDevice(transaction, device_id, ({ wraps }) => ({ wraps: change(wraps) })),
  );
  await readOfficers();
}

/** From now on `next` opens the vault, too. False where `present` does not open it. */
async function add(row: DeviceRow, present: Proof, next: Proof): Promise<boolean> {
  const wraps = await rewrap(row, present, next);
  if (wraps === null) return false;
  await store(row.device_id, () => wraps);
  return true;
}

async function opens(row: DeviceRow, passphrase: string): Promise<boolean> {
  const vault = await openVault(row, passphrase);
  vault?.close();
  return vault !== null;
}

/** Before the tap that makes a passkey. @throws Problem, NotOurs, Unreachable */
export async function askRegistration(): Promise<Registration> {
  const answer = await call('POST', '/api/passkeys/options', {});
  if (!isRecord(answer) || typeof answer['challenge_id'] !== 'string' || !isRecord(answer['options'])) throw new NotOurs(200);
  return { challenge_id: answer['challenge_id'], options: answer['options'] as unknown as CreationJson };
}

/**
 * Makes a passkey, registers it and lets it open the vault, where it can. Call it in the tap itself.
 * @throws Problem, NotOurs, Unreachable: the server does not know it then
 */
export async function addPasskey({ challenge_id, options }: Registration, label: string, passphrase: string): Promise<Added> {
  let made: Awaited<ReturnType<typeof makePasskey>>;
  try {
    made = await makePasskey(options);
  } catch (error) {
    return (error as Error).name === 'InvalidStateError' ? 'twice' : 'not_used';
  }
  await call('POST', '/api/passkeys', { challenge_id, label, credential: made.credential });
  factorAdded();
  if (made.secret === null && !made.promised) return 'signs';
  const secret = made.secret ?? (await secretOf(made.credential['id'] as string));
  if (secret === null) return 'signs';
  try {
    return (await add(await ownRow(), passphrase, secret)) ? 'opens' : 'signs';
  } finally {
    secret.secret.fill(0);
  }
}

/** Asked for apart: many authenticators give no secret while they make the passkey. */
async function secretOf(credential_id: string): Promise<PasskeySecret | null> {
  try {
    return (await askPasskey(localRequest(), [credential_id])).secret;
  } catch {
    return null;
  }
}

/** A passkey that signs in already opens this phone from now on. Call it in the tap itself. */
export async function letOpen(credential_id: string, passphrase: string): Promise<Added> {
  const secret = await secretOf(credential_id);
  if (secret === null) return 'not_used';
  try {
    return (await add(await ownRow(), passphrase, secret)) ? 'opens' : 'wrong';
  } finally {
    secret.secret.fill(0);
  }
}

/** Whether this passphrase opens the vault of the person at the phone. */
export const isOwnPassphrase = async (passphrase: string): Promise<boolean> => opens(await ownRow(), passphrase);

/** The server forgets it first; here it goes unless nothing else opens the vault. @throws Problem, NotOurs, Unreachable */
export async function removePasskey(id: string, credential_id: string): Promise<void> {
  await call('DELETE', `/api/passkeys/${id}`);
  const { device_id } = await ownRow();
  await store(device_id, (wraps) => {
    const left = wraps.filter((wrap) => wrap.kind !== 'passkey' || wrap.credential_id !== credential_id);
    return left.length > 0 ? left : wraps;
  });
}

/** With the server, then here. False where the former is wrong. @throws Problem (422: too weak), NotOurs, Unreachable */
export async function changePassphrase(former: string, passphrase: string, code: string | undefined): Promise<boolean> {
  try {
    await call('PUT', '/api/passphrase', { former, passphrase, ...(code ? { code } : {}) });
  } catch (error) {
    if (error instanceof Problem && error.code !== 'code-needed' && (error.status === 401 || error.status === 403)) return false;
    throw error;
  }
  forgetPin();
  await add(await ownRow(), former, passphrase);
  return true;
}

/**
 * A phone that only a passkey opens opens with the person's passphrase, too, once the server has said that it is theirs. Call it
 * in the tap itself. @throws Problem, NotOurs, Unreachable
 */
export async function addPassphrase(only: readonly string[], passphrase: string): Promise<Added> {
  const used = await tapKey(only);
  if (used.how !== 'used' || used.secret === null) return 'not_used';
  try {
    await call('POST', '/api/session/step-up', { password: passphrase });
    return (await add(await ownRow(), used.secret, passphrase)) ? 'opens' : 'wrong';
  } finally {
    used.secret.secret.fill(0);
  }
}

/** Until the app is closed. False where the passphrase is wrong. */
export async function setPin(passphrase: string, pin: string): Promise<boolean> {
  const lock = await PinLock.make(await ownRow(), passphrase, pin);
  if (lock === null) return false;
  forgetPin();
  pinned.value = lock;
  return true;
}
