/** For tests: enrolled devices, operations with valid defaults, and a server's sealing key that can open what was sealed. */
import { uuidv7 } from '../domain/uuid.ts';
import { fromBase64url, text, toBase64url, utf8 } from './bytes.ts';
import type { Unplaced } from './commit.ts';
import { openDatabase, type Database } from './database.ts';
import { storeDevice } from './devices.ts';
import { suite } from './hpke.ts';
import { createVault, type DeviceFields } from './new_vault.ts';
import type { DeviceRow } from './schema.ts';
import { sealingInfo, type Header, type SealingKey } from './sealing.ts';
import type { OpenVault } from './vault.ts';

export const PASSPHRASE = 'four plain words here';
export const PROGRAM = 'denver';
export const MADE_AT = '2026-04-30T02:14:00Z';

export const deviceFields = (fields: Partial<DeviceFields> = {}): DeviceFields => ({
  device_id: crypto.randomUUID(),
  user_id: crypto.randomUUID(),
  login: 'officer.example',
  program_id: PROGRAM,
  role: 'officer',
  agency_id: null,
  created_at: MADE_AT,
  ...fields,
});

let databases = 0;
/** A name that no other test has used. */
export const freshName = (): string => `test-${(databases += 1)}`;

export interface Phone {
  name: string;
  database: Database;
  device: DeviceRow;
  device_id: string;
  vault: OpenVault;
}

/** One person enrolled on a phone; give `name` for a second person, or a second tab, on the same one. */
export async function phone(name: string = freshName(), fields: Partial<DeviceFields> = {}): Promise<Phone> {
  const database = openDatabase({}, name);
  const { device, vault } = await createVault(PASSPHRASE, deviceFields(fields));
  await storeDevice(database, device);
  return { name, database, device, device_id: device.device_id, vault };
}

/** A note on a referral, unless told otherwise. */
export function unplaced(user_id: string, fields: Partial<Unplaced> = {}): Unplaced {
  const operation = {
    op_id: uuidv7(),
    program_id: PROGRAM,
    user_id,
    referral_id: uuidv7(),
    kind: 'note.add',
    payload: { text: 'CANARY waits by the bridge' },
    base: {},
    saw: [],
    made_at: MADE_AT,
    clock_off_ms: null,
    app: { version: 'test', pack: null },
    ...fields,
  };
  return operation as Unplaced;
}

export interface SealingPair {
  key: SealingKey;
  open(header: Header, blob: string): Promise<unknown>;
}

export async function sealingPair(): Promise<SealingPair> {
  const pair = await suite.kem.generateKeyPair();
  const point = new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey));
  const name = new Uint8Array(await crypto.subtle.digest('SHA-256', point));
  const key_id = Array.from(name.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    key: { key_id, public_key: toBase64url(point) },
    async open(header, blob) {
      const bytes = fromBase64url(blob);
      const enc = bytes.slice(0, suite.kem.encSize);
      const info = utf8(sealingInfo(header));
      return JSON.parse(text(await suite.open({ recipientKey: pair.privateKey, enc, info }, bytes.slice(suite.kem.encSize))));
    },
  };
}
