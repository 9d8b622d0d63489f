/** Making a vault at enrolment, and changing what opens one: seldom done, and so not part of what every unlock loads. */
import { random, toBase64url } from './bytes.ts';
import { cipher } from './cipher.ts';
import type { DeviceRow, Wrap } from './schema.ts';
import { sameWay, wrap, type Proof } from './unlock.ts';
import { ECDSA, rawKey, signingData, vaultKey, vaultOf, type OpenVault } from './vault.ts';

const VAULT_KEY_BYTES = 32;

/** What is known of the person at enrolment. */
export type DeviceFields = Pick<
  DeviceRow,
  'device_id' | 'user_id' | 'login' | 'program_id' | 'role' | 'agency_id' | 'created_at'
>;

/** A new vault and the row of its device; the caller stores the row (`storeDevice`), then enrols it. */
export async function createVault(
  proof: Proof,
  fields: DeviceFields,
): Promise<{ device: DeviceRow; vault: OpenVault }> {
  const raw = random(VAULT_KEY_BYTES);
  const first = await wrap(raw, proof, fields);
  const pair = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const signing = await cipher.encrypt(await vaultKey(raw.slice()), signingData(fields.device_id), pkcs8);
  pkcs8.fill(0);
  const public_key = toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const device: DeviceRow = {
    ...fields,
    next_seq: 1,
    wraps: [first],
    public_key,
    signing,
    people: null,
    cursor: null,
    epoch: null,
    former_epochs: [],
    durable_position: 0,
    generation: 0,
    sweeping: false,
    clock_off_ms: null,
  };
  return { device, vault: await vaultOf(device, raw) };
}

/**
 * The wraps once `next` opens the vault, too: a passphrase in place of the former, a passkey beside the others. Null when
 * `present` is wrong. The vault key stays the same.
 */
export async function rewrap(device: DeviceRow, present: Proof, next: Proof): Promise<Wrap[] | null> {
  const raw = await rawKey(device, present);
  if (raw === null) return null;
  const added = await wrap(raw, next, device);
  raw.fill(0);
  return [...device.wraps.filter((row) => !sameWay(row, added)), added];
}
