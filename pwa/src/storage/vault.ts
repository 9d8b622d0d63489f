/**
 * The vault: one random key per enrolment, in memory only while unlocked, and what it encrypts and signs.
 *
 * Answers for opening it; making and rewrapping are `new_vault.ts`. When to lock is `state/`'s affair; `close` drops the
 * keys. A CryptoKey is never stored: browsers write even a non-extractable one to disk in clear.
 */
import { text, toBase64url, utf8 } from './bytes.ts';
import { cipher } from './cipher.ts';
import type { Bytes, DeviceRow, Sealed } from './schema.ts';
import { unwrap, type Proof } from './unlock.ts';

export const ECDSA = { name: 'ECDSA', namedCurve: 'P-256' };
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

/** What the sealed signing key is bound to. */
export const signingData = (device_id: string): string => `signing|${device_id}`;

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
export async function vaultKey(raw: Bytes): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    raw.fill(0);
  }
}

const signingKey = (pkcs8: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey('pkcs8', pkcs8, ECDSA, false, ['sign']);

/** The raw bytes of the vault key, for whoever wraps them again; the caller wipes them. Null when no wrap opens. */
export async function rawKey(device: DeviceRow, proof: Proof): Promise<Bytes | null> {
  for (const row of device.wraps) {
    const raw = await unwrap(row, proof, device);
    if (raw !== null) return raw;
  }
  return null;
}

/** The vault of a raw key, which is wiped. */
export async function vaultOf(device: DeviceRow, raw: Bytes): Promise<OpenVault> {
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

/** Null when the proof is wrong, or when there is no wrap left to try (`device.wraps` is then empty). */
export async function openVault(device: DeviceRow, proof: Proof): Promise<OpenVault | null> {
  const raw = await rawKey(device, proof);
  return raw === null ? null : vaultOf(device, raw);
}
