/**
 * How a vault key is wrapped and unwrapped: the seam where a passkey's secret can join the passphrase.
 *
 * A method turns the 32 raw bytes of a vault key into a row that may lie on the phone, and back. It keeps nothing.
 */
import { random, utf8 } from './bytes.ts';
import { aesGcm, Undecryptable } from './cipher.ts';
import type { Bytes, PassphraseWrap, Wrap } from './schema.ts';

/** OWASP's minimum for PBKDF2-HMAC-SHA-256 (Password Storage Cheat Sheet). */
export const PBKDF2_ITERATIONS = 600_000;
const SALT_BYTES = 16;

export interface UnlockMethod<Secret, Row extends Wrap> {
  readonly kind: Row['kind'];
  wrap(vaultKey: Bytes, secret: Secret, device_id: string): Promise<Row>;
  /** Null when the secret is the wrong one. */
  unwrap(row: Row, secret: Secret, device_id: string): Promise<Bytes | null>;
}

const additionalData = (kind: Wrap['kind'], device_id: string): string => `wrap|${kind}|${device_id}`;

async function passphraseKey(passphrase: string, salt: Bytes, iterations: number): Promise<CryptoKey> {
  // The same words typed on another keyboard are the same words.
  const typed = utf8(passphrase.normalize('NFKC'));
  const material = await crypto.subtle.importKey('raw', typed, 'PBKDF2', false, ['deriveKey']);
  const parameters = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(parameters, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

export const passphraseMethod: UnlockMethod<string, PassphraseWrap> = {
  kind: 'passphrase',
  async wrap(vaultKey, passphrase, device_id) {
    const salt = random(SALT_BYTES);
    const key = await passphraseKey(passphrase, salt, PBKDF2_ITERATIONS);
    const sealed = await aesGcm.encrypt(key, additionalData('passphrase', device_id), vaultKey);
    return { kind: 'passphrase', salt, iterations: PBKDF2_ITERATIONS, ...sealed };
  },
  async unwrap(row, passphrase, device_id) {
    const key = await passphraseKey(passphrase, row.salt, row.iterations);
    try {
      return await aesGcm.decrypt(key, additionalData('passphrase', device_id), row);
    } catch (error) {
      if (error instanceof Undecryptable) return null;
      throw error;
    }
  },
};
