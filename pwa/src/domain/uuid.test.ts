import { afterEach, describe, expect, it, vi } from 'vitest';
import { uuidOf, uuidv7 } from './uuid.ts';

const bytes = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));

afterEach(() => vi.useRealTimers());

describe('an id of a moment', () => {
  it('is the example of RFC 9562, appendix A.6', () => {
    // rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F, at 2022-02-22 14:22:22 in New York.
    expect(uuidOf(0x017f22e279b0, bytes('0000000000000cc318c4dc0c0c07398f'))).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
  });

  it.each([
    ['no random bit', '00', '00000000-0000-7000-8000-000000000000'],
    ['every random bit', 'ff', '00000000-0000-7fff-bfff-ffffffffffff'],
  ])('keeps its version and variant with %s', (_name, byte, id) => {
    expect(uuidOf(0, bytes(byte.repeat(16)))).toBe(id);
  });

  it('holds 48 bits of time', () => {
    expect(uuidOf(2 ** 48 - 1, bytes('00'.repeat(16)))).toBe('ffffffff-ffff-7000-8000-000000000000');
  });

  it('leaves the random bytes as they were', () => {
    const random = bytes('ff'.repeat(16));
    uuidOf(0, random);
    expect(random).toEqual(bytes('ff'.repeat(16)));
  });
});

describe('a new id', () => {
  it('says when it was made', () => {
    vi.useFakeTimers({ now: 0x7fffffffffff });
    expect(uuidv7().slice(0, 14)).toBe('7fffffff-ffff-');
  });

  it('sorts after those before it, within one millisecond and when the clock goes back', () => {
    const made = Array.from({ length: 1000 }, uuidv7);
    vi.useFakeTimers({ now: 0 });
    made.push(uuidv7());
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});
