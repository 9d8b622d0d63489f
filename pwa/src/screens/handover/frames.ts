/**
 * Bytes as a sequence of squares that a camera reads in any order, and with any number of them missed.
 *
 * The first `total` frames are the pieces themselves; every later one is the sum (XOR) of some of them, chosen by its number,
 * so that whoever missed a piece need not wait until it comes round again: a fountain (Luby 2002) over an ideal soliton
 * distribution. A frame is text of the alphabet that squares hold best, base45 (RFC 9285), and carries its own checksum and
 * that of the whole. Whether the whole is what was written, the file's own digest says.
 */
import type { Bytes } from '../../storage/schema.ts';

const MARK = 'WH1:';
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** A square of 65 by 65 with these: still read from a phone's screen at arm's length. */
const PIECE_BYTES = 240;
const HEAD_BYTES = 14;
const SUM_BYTES = 4;
/** A minute and a half a round, at three a second; beyond, the file is the better way. */
export const SQUARES_LIMIT_BYTES = 60 * 1024;
const PIECES_LIMIT = Math.ceil(SQUARES_LIMIT_BYTES / PIECE_BYTES);
/** Sums that wait for a piece; more would only be kept for nothing. */
const PENDING_LIMIT = 2 * PIECES_LIMIT;

export function toBase45(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 2) {
    const pair = at + 1 < bytes.length;
    let value = pair ? bytes[at]! * 256 + bytes[at + 1]! : bytes[at]!;
    for (let digits = pair ? 3 : 2; digits > 0; digits -= 1) {
      text += ALPHABET[value % 45]!;
      value = Math.floor(value / 45);
    }
  }
  return text;
}

/** Null for what is no base45. */
export function fromBase45(text: string): Bytes | null {
  if (text.length % 3 === 1) return null;
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  for (let at = 0, to = 0; at < text.length; at += 3) {
    const [one, two, three] = Array.from(text.slice(at, at + 3), (letter) => ALPHABET.indexOf(letter));
    if (one === -1 || two === -1 || three === -1) return null;
    const value = one! + two! * 45 + (three ?? 0) * 2025;
    if (value > (three === undefined ? 0xff : 0xffff)) return null;
    if (three !== undefined) bytes[to++] = value >> 8;
    bytes[to++] = value & 0xff;
  }
  return bytes;
}

/** CRC-32 as in zip files. */
export function checksum(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** Numbers below 1 that follow from the seed alone, the same on every phone (mulberry32). */
function* numbersFrom(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ; ) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Which pieces the frame with this number is the sum of. */
function piecesOf(number: number, total: number): Set<number> {
  if (number < total) return new Set([number]);
  const random = numbersFrom(number);
  const share = random.next().value;
  const degree = Math.min(total, share < 1 / total ? 1 : Math.ceil(1 / share));
  const chosen = new Set<number>();
  while (chosen.size < degree) chosen.add(Math.floor(random.next().value * total));
  return chosen;
}

function add(to: Uint8Array, other: Uint8Array): void {
  for (const [at, byte] of other.entries()) to[at]! ^= byte;
}

/** The frames of one content: as many as one likes, from 0 on. */
export interface Frames {
  /** The pieces, and so the frames of the first round. */
  total: number;
  frame: (number: number) => string;
}

/** @throws RangeError for more than `SQUARES_LIMIT_BYTES`, or nothing */
export function framesOf(content: Uint8Array): Frames {
  if (content.length > SQUARES_LIMIT_BYTES || content.length === 0) throw new RangeError('Too much for squares.');
  const total = Math.ceil(content.length / PIECE_BYTES);
  const padded = new Uint8Array(total * PIECE_BYTES);
  padded.set(content);
  const whole = checksum(content);
  const frame = (number: number): string => {
    const bytes = new Uint8Array(HEAD_BYTES + PIECE_BYTES + SUM_BYTES);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, number);
    view.setUint16(4, total);
    view.setUint32(6, content.length);
    view.setUint32(10, whole);
    const sum = bytes.subarray(HEAD_BYTES, HEAD_BYTES + PIECE_BYTES);
    for (const piece of piecesOf(number, total)) add(sum, padded.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES));
    view.setUint32(HEAD_BYTES + PIECE_BYTES, checksum(bytes.subarray(0, -SUM_BYTES)));
    return MARK + toBase45(bytes);
  };
  return { total, frame };
}

interface Sum {
  left: Set<number>;
  bytes: Uint8Array;
}

/** Puts a content together again from whatever frames come by. A frame of another content begins anew. */
export class Collector {
  #identity = '';
  #length = 0;
  #whole = 0;
  #pieces: (Uint8Array | undefined)[] = [];
  #pending: Sum[] = [];
  #found = 0;

  /** How many pieces are here, of how many; 0 of 0 before the first frame. */
  get progress(): { found: number; total: number } {
    return { found: this.#found, total: this.#pieces.length };
  }

  /** False for what is no frame of ours, such as half of one or a square on a poster. */
  take(text: string): boolean {
    const bytes = text.startsWith(MARK) ? fromBase45(text.slice(MARK.length)) : null;
    if (bytes?.length !== HEAD_BYTES + PIECE_BYTES + SUM_BYTES) return false;
    const view = new DataView(bytes.buffer);
    if (view.getUint32(HEAD_BYTES + PIECE_BYTES) !== checksum(bytes.subarray(0, -SUM_BYTES))) return false;
    const [total, length, whole] = [view.getUint16(4), view.getUint32(6), view.getUint32(10)];
    if (total === 0 || total > PIECES_LIMIT || Math.ceil(length / PIECE_BYTES) !== total) return false;
    this.#begin(total, length, whole);
    this.#put({ left: piecesOf(view.getUint32(0), total), bytes: bytes.slice(HEAD_BYTES, HEAD_BYTES + PIECE_BYTES) });
    return true;
  }

  /** The content once all of it is here, else null. */
  get content(): Bytes | null {
    const { found, total } = this.progress;
    if (total === 0 || found < total) return null;
    const joined = new Uint8Array(total * PIECE_BYTES);
    for (const [index, piece] of this.#pieces.entries()) joined.set(piece!, index * PIECE_BYTES);
    const content = joined.slice(0, this.#length);
    return checksum(content) === this.#whole ? content : null;
  }

  #begin(total: number, length: number, whole: number): void {
    const identity = `${total}/${length}/${whole}`;
    if (identity === this.#identity) return;
    this.#identity = identity;
    this.#length = length;
    this.#whole = whole;
    this.#pieces = Array.from({ length: total }, () => undefined);
    this.#pending = [];
    this.#found = 0;
  }

  /** Each piece that is found may leave only one unknown in a sum, and so find another. */
  #put(first: Sum): void {
    const queue = [first];
    for (let sum = queue.pop(); sum !== undefined; sum = queue.pop()) {
      for (const index of sum.left) {
        const known = this.#pieces[index];
        if (known === undefined) continue;
        add(sum.bytes, known);
        sum.left.delete(index);
      }
      const [index] = sum.left;
      if (index === undefined) continue;
      if (sum.left.size > 1) {
        if (this.#pending.length < PENDING_LIMIT) this.#pending.push(sum);
        continue;
      }
      this.#pieces[index] = sum.bytes;
      this.#found += 1;
      queue.push(...this.#pending.filter(({ left }) => left.has(index)));
      this.#pending = this.#pending.filter(({ left }) => !left.has(index));
    }
  }
}
