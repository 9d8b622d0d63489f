/**
 * Ids minted on the phone: UUID version 7 (RFC 9562, section 5.7), so that rows written one after another lie side by side.
 *
 * Milliseconds since 1970 in 48 bits, the version, 12 random bits, the variant, 62 random bits. What is written in one
 * millisecond, or after the clock went back, still sorts as it was written: each id is at least a millisecond on.
 */
const BYTES = 16;
const TIME_BYTES = 6;
const BYTE = 0x100;

/** The id of this moment and these sixteen random bytes, of which ten are used. */
export function uuidOf(now_ms: number, random: Uint8Array<ArrayBuffer>): string {
  const bytes = random.slice();
  // Divided and not shifted: a shift would cut the time to 32 bits.
  for (let index = TIME_BYTES - 1, left = now_ms; index >= 0; index -= 1, left = Math.floor(left / BYTE)) bytes[index] = left % BYTE;
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

let last_ms = 0;

/** A new id, which sorts after all that this page made before. */
export function uuidv7(): string {
  last_ms = Math.max(Date.now(), last_ms + 1);
  return uuidOf(last_ms, crypto.getRandomValues(new Uint8Array(BYTES)));
}
