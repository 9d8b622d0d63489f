/**
 * A PIN for opening the vault again while the app stays open: quick, and worth nothing to whoever has the phone's files.
 *
 * Six digits fall in a minute to whoever can try them on a copy. So the key depends on 32 random bytes, too, that exist in
 * this page's memory alone, and so does the wrap: neither outlives the page, and the fifth wrong PIN destroys both.
 */
import { random } from './bytes.ts';
import { aesGcm, Undecryptable } from './cipher.ts';
import type { Bytes, DeviceRow, Sealed } from './schema.ts';
import { derivedKey, SALT_BYTES, stretched, type Proof } from './unlock.ts';
import { rawKey, vaultOf, type OpenVault } from './vault.ts';

export const PIN_DIGITS = /^\d{6,12}$/;
export const PIN_TRIES = 5;
const PEPPER_BYTES = 32;

const additionalData = ({ device_id }: DeviceRow): string => `wrap|pin|${device_id}`;

async function pinKey(pin: string, salt: Bytes, pepper: Bytes, device: DeviceRow): Promise<CryptoKey> {
  const bits = await stretched(pin, salt);
  const both = new Uint8Array(bits.length + pepper.length);
  both.set(bits);
  both.set(pepper, bits.length);
  return derivedKey(both, 'handoff/pin/v1', device);
}

/** The PIN of one enrolment, for as long as this object is held. */
export class PinLock {
  readonly device_id: string;
  readonly #salt: Bytes;
  #pepper: Bytes | null;
  #wrap: Sealed | null;
  #left = PIN_TRIES;

  private constructor(device: DeviceRow, salt: Bytes, pepper: Bytes, wrap: Sealed) {
    this.device_id = device.device_id;
    this.#salt = salt;
    this.#pepper = pepper;
    this.#wrap = wrap;
  }

  /** Null when the proof does not open the vault. `pin` matches `PIN_DIGITS`. */
  static async make(device: DeviceRow, proof: Proof, pin: string): Promise<PinLock | null> {
    const raw = await rawKey(device, proof);
    if (raw === null) return null;
    const [salt, pepper] = [random(SALT_BYTES), random(PEPPER_BYTES)];
    const sealed = await aesGcm.encrypt(await pinKey(pin, salt, pepper, device), additionalData(device), raw);
    raw.fill(0);
    return new PinLock(device, salt, pepper, sealed);
  }

  /** Wrong PINs that may still follow; 0 once it is destroyed. */
  get left(): number {
    return this.#left;
  }

  /** The vault; null for a wrong PIN, and for every PIN from the fifth wrong one on. */
  async open(device: DeviceRow, pin: string): Promise<OpenVault | null> {
    // Held here: another try at the same time may destroy it.
    const wrap = this.#wrap;
    if (this.#pepper === null || wrap === null || this.#left === 0) return null;
    // Counted before it is tried: several at once are several tries.
    this.#left -= 1;
    try {
      const key = await pinKey(pin, this.#salt, this.#pepper, device);
      const raw = await aesGcm.decrypt(key, additionalData(device), wrap);
      this.#left = PIN_TRIES;
      return await vaultOf(device, raw);
    } catch (error) {
      if (!(error instanceof Undecryptable)) throw error;
      if (this.#left === 0) this.destroy();
      return null;
    }
  }

  destroy(): void {
    this.#pepper?.fill(0);
    this.#pepper = null;
    this.#wrap = null;
    this.#left = 0;
  }
}
