/**
 * The vault: one random key per enrolment, in memory only while unlocked, and what it encrypts and signs.
 *
 * Answers for making, opening and rewrapping it. When to lock is `state/`'s affair; `close` drops the keys. A CryptoKey
 * is never stored: browsers write even a non-extractable one to disk in clear.
 */
import { random, text, toBase64url, utf8 } from './bytes.ts';
import { cipher } from './cipher.ts';
import type { Bytes, DeviceRow, Sealed, Wrap } from './schema.ts';
import { passphraseMethod } from './unlock.ts';

const VAULT_KEY_BYTES = 32;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDSA_SHA256 = { name: 'ECDSA', hash: 'SHA-256' };

/** The vault was locked while something still wanted it; unlock and do it again. */
export class VaultClosed extends Error {
  override readonly name = 'VaultClosed';

  constructor() {
    super('The app is locked. Unlock it and try again.');
  }
}

export interface OpenVault {
  readonly device_id: string;
  /** @throws VaultClosed */
  encrypt(aad: string, value: unknown): Promise<Sealed>;
  /** @throws VaultClosed, Undecryptable */
  decrypt(aad: string, sealed: Sealed): Promise<unknown>;
  /** ECDSA P-256 with SHA-256 over the text's UTF-8, as base64url of r and s; null if the signing key is lost. */
  sign(signedText: string): Promise<string | null>;
  close(): void;
}

/** What is known of the person at enrolment. */
export type DeviceFields = Pick<
  DeviceRow,
  'device_id' | 'user_id' | 'login' | 'program_id' | 'role' | 'agency_id' | 'created_at'
>;

const signingData = (device_id: string): string => `signing|${device_id}`;

class VaultInMemory implements OpenVault {
  readonly device_id: string;
  #key: CryptoKey | null;
  #signing: CryptoKey | null;

  constructor(device_id: string, key: CryptoKey, signing: CryptoKey | null) {
    this.device_id = device_id;
    this.#key = key;
    this.#signing = signing;
  }

  async encrypt(aad: string, value: unknown): Promise<Sealed> {
    return cipher.encrypt(this.#opened(), aad, utf8(JSON.stringify(value)));
  }

  async decrypt(aad: string, sealed: Sealed): Promise<unknown> {
    return JSON.parse(text(await cipher.decrypt(this.#opened(), aad, sealed)));
  }

  async sign(signedText: string): Promise<string | null> {
    this.#opened();
    if (this.#signing === null) return null;
    return toBase64url(new Uint8Array(await crypto.subtle.sign(ECDSA_SHA256, this.#signing, utf8(signedText))));
  }

  close(): void {
    this.#key = null;
    this.#signing = null;
  }

  #opened(): CryptoKey {
    if (this.#key === null) throw new VaultClosed();
    return this.#key;
  }
}

/** The raw bytes become a key that no script can read back, and are wiped. */
async function vaultKey(raw: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    raw.fill(0);
  }
}

const signingKey = (pkcs8: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', pkcs8, ECDSA, false, ['sign']);

/** A new vault and the row of its device; the caller stores the row (`storeDevice`), then enrols it. */
export async function createVault(
  passphrase: string,
  fields: DeviceFields,
): Promise<{ device: DeviceRow; vault: OpenVault }> {
  const { device_id } = fields;
  const raw = random(VAULT_KEY_BYTES);
  const wrap = await passphraseMethod.wrap(raw, passphrase, device_id);
  const key = await vaultKey(raw);
  const pair = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  const signing = await cipher.encrypt(key, signingData(device_id), pkcs8);
  const vault = new VaultInMemory(device_id, key, await signingKey(pkcs8));
  pkcs8.fill(0);
  const public_key = toBase64url(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
  const device: DeviceRow = {
    ...fields,
    next_seq: 1,
    wraps: [wrap],
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
  return { device, vault };
}

async function unwrap(device: DeviceRow, passphrase: string): Promise<Bytes | null> {
  for (const row of device.wraps) {
    if (row.kind !== passphraseMethod.kind) continue;
    const raw = await passphraseMethod.unwrap(row, passphrase, device.device_id);
    if (raw !== null) return raw;
  }
  return null;
}

/** Null when the passphrase is wrong, or when there is no wrap left to try (`device.wraps` is then empty). */
export async function openVault(device: DeviceRow, passphrase: string): Promise<OpenVault | null> {
  const raw = await unwrap(device, passphrase);
  if (raw === null) return null;
  const key = await vaultKey(raw);
  let signing: CryptoKey | null = null;
  try {
    if (device.signing !== null) {
      signing = await signingKey(await cipher.decrypt(key, signingData(device.device_id), device.signing));
    }
  } catch {
    // Drafts and copies still open. Operations go unsigned, and so are held for a person rather than lost.
  }
  return new VaultInMemory(device.device_id, key, signing);
}

/** The wraps after a change of passphrase; null when the former one is wrong. The vault key stays the same. */
export async function rewrap(device: DeviceRow, former: string, passphrase: string): Promise<Wrap[] | null> {
  const raw = await unwrap(device, former);
  if (raw === null) return null;
  const wrap = await passphraseMethod.wrap(raw, passphrase, device.device_id);
  raw.fill(0);
  return [...device.wraps.filter((row) => row.kind !== wrap.kind), wrap];
}
