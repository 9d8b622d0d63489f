/**
 * Somebody new on this phone, or with a passphrase that opens nothing on it yet: a vault of their own, known to the server.
 *
 * Arrives when it is first needed, which is seldom. A connection lost at any point leaves either nothing or an enrolment
 * that repeats harmlessly at the next sign-in.
 */
import { tryPassphrase } from '../storage/attempts.ts';
import { handOver } from '../storage/moving.ts';
import { changeDevice, listDevices, storeDevice } from '../storage/devices.ts';
import { peopleData } from '../storage/records.ts';
import type { DeviceRow } from '../storage/schema.ts';
import type { Proof } from '../storage/unlock.ts';
import { createVault, rewrap } from '../storage/new_vault.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { call } from '../transport/client.ts';
import { enrol } from '../transport/enrol.ts';
import { newest, refusalOf, settleIn } from './access.ts';
import { database } from './phone.ts';
import { checkedSession, enrolAgain, label } from './renewal.ts';
import type { SignInResult } from './session.ts';
import type { SessionAnswer } from './types.ts';

/** A new vault and enrolment for somebody new on this phone. Nothing stays behind if the server cannot be reached. */
async function enrolAnew(session: SessionAnswer, proof: Proof): Promise<{ row: DeviceRow; vault: OpenVault }> {
  const { id: user_id, login, name, role, program_id, agency_id } = session.user;
  const { device, vault } = await createVault(proof, {
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

/** An enrolment that a former sign-in began and could not finish, else a new one. */
async function enrolOnce(session: SessionAnswer, proof: Proof): Promise<{ row: DeviceRow; vault: OpenVault }> {
  const begun = newest(await listDevices(database), (each) => each.user_id === session.user.id && !each.forked);
  const vault = begun && (await openVault(begun, proof));
  return begun && vault ? { row: await enrol(database, begun.device_id, label()), vault } : enrolAnew(session, proof);
}

/**
 * For somebody whom the server knows and this phone does not. `former`: their enrolment here, under whose id another browser
 * profile writes as well; what it holds is handed over to a new one.
 */
export async function enrolAndEnter(session: SessionAnswer, proof: Proof, former?: DeviceRow): Promise<SignInResult> {
  try {
    const before = former && (await openVault(former, proof));
    if (former && !before) return { ok: false, why: 'old_passphrase' };
    const { row, vault } = await (before ? enrolOnce : enrolAnew)(session, proof);
    if (before) await handOver(database, before, vault);
    return await settleIn(row, vault, session);
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal.why === 'offline' ? refusal : { ok: false, why: 'device' };
  }
}

/** Who is signed in by now: a code that was taken is not asked for twice. */
async function presentSession(work: (session: SessionAnswer) => Promise<SignInResult>): Promise<SignInResult> {
  let session: SessionAnswer;
  try {
    session = checkedSession(await call('GET', '/api/session'));
  } catch (error) {
    return refusalOf(error);
  }
  try {
    return await work(session);
  } catch (error) {
    console.error(error);
    return { ok: false, why: 'server' };
  }
}

/** Signed in with the new passphrase already; the former opens the vault once more, and is replaced. */
export const rewrapAndEnter = (former: string, passphrase: string): Promise<SignInResult> =>
  presentSession(async (session) => {
    const row = newest(await listDevices(database), (each) => each.user_id === session.user.id);
    const tried = row && (await tryPassphrase(database, row.device_id, former));
    const wraps = tried?.vault && (await rewrap(row!, former, passphrase));
    if (!row || !wraps) return { ok: false, why: 'old_passphrase' };
    await database.write(['devices'], (transaction) => changeDevice(transaction, row.device_id, () => ({ wraps })));
    return settleIn(await enrolAgain({ ...row, wraps }), tried.vault!, session);
  });

/** Signed in already; the former passphrase is forgotten, and with it what it opened. */
export const enrolAfresh = (passphrase: string): Promise<SignInResult> =>
  presentSession((session) => enrolAndEnter(session, passphrase));
