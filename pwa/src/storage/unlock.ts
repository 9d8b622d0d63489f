/**
 * How a vault key is wrapped and unwrapped: by a passphrase, or by the secret that a passkey gives.
 *
 * A method turns the 32 raw bytes of a vault key into a row that may lie on the phone, and back. It keeps nothing.
 */
import { random, utf8 } from './bytes.ts';
import { aesGcm, Undecryptable } from './cipher.ts';
import type { Bytes, DeviceRow, PasskeyWrap, PassphraseWrap, Wrap } from './schema.ts';

/** OWASP's minimum for PBKDF2-HMAC-SHA-256 (Password Storage Cheat Sheet). */
export const PBKDF2_ITERATIONS = 600_000;
export const SALT_BYTES = 16;

/** What every passkey is asked to turn into a secret (WebAuthn PRF, `eval.first`). A change would shut every vault. */
export const PRF_INPUT: Bytes = utf8('handoff/kek/v1');

/** The secret of one passkey for `PRF_INPUT`: 32 bytes that the authenticator gives after it has checked the person. */
export interface PasskeySecret {
  credential_id: string;
  secret: Bytes;
}

/** What a person opens their vault with: the passphrase as typed, or a passkey's secret. */
export type Proof = string | PasskeySecret;

/** Whose vault it is: part of what a wrap is bound to. */
export type Owner = Pick<DeviceRow, 'device_id' | 'user_id'>;

const ENCRYPTION = { name: 'AES-GCM', length: 256 };

const additionalData = (kind: Wrap['kind'], { device_id }: Owner): string => `wrap|${kind}|${device_id}`;

const typed = (words: string, use: KeyUsage): Promise<CryptoKey> =>
  // The same words typed on another keyboard are the same words.
  crypto.subtle.importKey('raw', utf8(words.normalize('NFKC')), 'PBKDF2', false, [use]);

export const stretching = (salt: Bytes, iterations: number): Pbkdf2Params => ({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations });

async function passphraseKey(passphrase: string, { salt, iterations }: Pick<PassphraseWrap, 'salt' | 'iterations'>): Promise<CryptoKey> {
  const material = await typed(passphrase, 'deriveKey');
  return crypto.subtle.deriveKey(stretching(salt, iterations), material, ENCRYPTION, false, ['encrypt', 'decrypt']);
}

/** The bits of a typed text, for a key that depends on something else as well. */
export async function stretched(words: string, salt: Bytes): Promise<Bytes> {
  const material = await typed(words, 'deriveBits');
  return new Uint8Array(await crypto.subtle.deriveBits(stretching(salt, PBKDF2_ITERATIONS), material, ENCRYPTION.length));
}

/** A wrapping key from secret bytes that nobody can guess, or that hold something nobody can. `purpose` keeps uses apart. */
export async function derivedKey(secret: Bytes, purpose: string, { user_id, device_id }: Owner): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const info = utf8(`${purpose}|${user_id}|${device_id}`);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  return crypto.subtle.deriveKey(parameters, material, ENCRYPTION, false, ['encrypt', 'decrypt']);
}

const passkeyKey = ({ secret }: PasskeySecret, owner: Owner): Promise<CryptoKey> => derivedKey(secret, 'handoff/kek/v1', owner);

/** A row that opens with this proof alone. */
export async function wrap(vaultKey: Bytes, proof: Proof, owner: Owner): Promise<Wrap> {
  if (typeof proof === 'string') {
    const parameters = { salt: random(SALT_BYTES), iterations: PBKDF2_ITERATIONS };
    const key = await passphraseKey(proof, parameters);
    return { kind: 'passphrase', ...parameters, ...(await aesGcm.encrypt(key, additionalData('passphrase', owner), vaultKey)) };
  }
  const sealed = await aesGcm.encrypt(await passkeyKey(proof, owner), additionalData('passkey', owner), vaultKey);
  return { kind: 'passkey', credential_id: proof.credential_id, ...sealed };
}

/** Null when the row is not for this proof, or the proof is the wrong one. */
export async function unwrap(row: Wrap, proof: Proof, owner: Owner): Promise<Bytes | null> {
  const key = await keyFor(row, proof, owner);
  if (key === null) return null;
  try {
    return await aesGcm.decrypt(key, additionalData(row.kind, owner), row);
  } catch (error) {
    if (error instanceof Undecryptable) return null;
    throw error;
  }
}

async function keyFor(row: Wrap, proof: Proof, owner: Owner): Promise<CryptoKey | null> {
  if (typeof proof === 'string') return row.kind === 'passphrase' ? passphraseKey(proof, row) : null;
  return row.kind === 'passkey' && row.credential_id === proof.credential_id ? passkeyKey(proof, owner) : null;
}

/** Whether one takes the other's place: one passphrase, and one wrap a passkey. */
export const sameWay = (one: Wrap, other: Wrap): boolean =>
  one.kind === other.kind && (one as Partial<PasskeyWrap>).credential_id === (other as Partial<PasskeyWrap>).credential_id;
