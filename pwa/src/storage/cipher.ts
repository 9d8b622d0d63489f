/**
 * Encryption at rest: AES-256-GCM, a fresh 96-bit IV each time, bound by its additional data to the row it belongs to.
 *
 * `cipher` is what the vault uses. The test that greps a browser's profile for typed names must be able to fail, so a
 * control build (`VITE_HANDOFF_PLAINTEXT=1`, for that test only) keeps clear text; every other build drops that code.
 */
import { random, utf8 } from './bytes.ts';
import type { Bytes, Sealed } from './schema.ts';

/** A row does not open under this vault: another key, other additional data, or damaged bytes. */
export class Undecryptable extends Error {
  override readonly name = 'Undecryptable';

  constructor() {
    super('Something stored on this phone cannot be opened any more.');
  }
}

export interface Cipher {
  encrypt(key: CryptoKey, aad: string, plain: Bytes): Promise<Sealed>;
  /** @throws Undecryptable */
  decrypt(key: CryptoKey, aad: string, sealed: Sealed): Promise<Bytes>;
}

const IV_BYTES = 12;

export const aesGcm: Cipher = {
  async encrypt(key, aad, plain) {
    const iv = random(IV_BYTES);
    const parameters = { name: 'AES-GCM', iv, additionalData: utf8(aad) };
    return { iv, ct: new Uint8Array(await crypto.subtle.encrypt(parameters, key, plain)) };
  },
  async decrypt(key, aad, { iv, ct }) {
    try {
      const parameters = { name: 'AES-GCM', iv, additionalData: utf8(aad) };
      return new Uint8Array(await crypto.subtle.decrypt(parameters, key, ct));
    } catch {
      throw new Undecryptable();
    }
  },
};

/** Copies, as the real one makes: callers wipe what they gave. */
const controlOnly: Cipher = {
  encrypt: async (_key, aad, plain) => ({ iv: utf8(`CONTROL BUILD: ${aad}`), ct: plain.slice() }),
  decrypt: async (_key, _aad, { ct }) => ct.slice(),
};

/** The build writes the value in. Named here, since the worker's types know nothing of the build. */
type Built = ImportMeta & { readonly env: { readonly VITE_HANDOFF_PLAINTEXT?: string } };

export const cipher: Cipher = (import.meta as Built).env.VITE_HANDOFF_PLAINTEXT === '1' ? controlOnly : aesGcm;
