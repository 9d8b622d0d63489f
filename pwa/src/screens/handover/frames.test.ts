import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checksum, Collector, framesOf, fromBase45, SQUARES_LIMIT_BYTES, toBase45 } from './frames.ts';

const bytes = (length: number, seed = 7): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 31 + seed * at * at + seed) & 0xff);

describe('base45', () => {
  it('writes what the RFC gives as examples', () => {
    const written = (text: string): string => toBase45(new TextEncoder().encode(text));
    expect([written('AB'), written('Hello!!'), written('base-45'), written('ietf!')]).toEqual(['BB8', '%69 VD92EX0', 'UJCLQE7W581', 'QED8WEX0']);
  });

  it('reads what it wrote, and nothing that is none', () => {
    fc.assert(fc.property(fc.uint8Array(), (each) => {
      expect(fromBase45(toBase45(each))).toEqual(each);
    }));
    for (const text of ['GGW', 'A', ':::', 'a00', '::']) expect(fromBase45(text)).toBeNull();
  });
});

it('has the checksum of zip files', () => {
  expect(checksum(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

describe('a sequence of squares', () => {
  it('is read in one round by whoever misses none', () => {
    const content = bytes(5000);
    const { total, frame } = framesOf(content);
    const collector = new Collector();
    for (let number = 0; number < total; number += 1) {
      expect(collector.content).toBeNull();
      expect(collector.progress.found).toBe(number);
      expect(collector.take(frame(number))).toBe(true);
    }
    expect(collector.content).toEqual(content);
  });

  it.each([1, 239, 240, 241, SQUARES_LIMIT_BYTES])('carries %i bytes', (length) => {
    const content = bytes(length);
    const { total, frame } = framesOf(content);
    const collector = new Collector();
    for (let number = 0; number < total; number += 1) collector.take(frame(number));
    expect(collector.content).toEqual(content);
  });

  it('refuses nothing at all, and one byte too many', () => {
    expect(() => framesOf(bytes(0))).toThrow(RangeError);
    expect(() => framesOf(bytes(SQUARES_LIMIT_BYTES + 1))).toThrow(RangeError);
  });

  it('survives any frames missed, begun anywhere, in any order and more than once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9000 }), fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 60 }), fc.infiniteStream(fc.nat(99)),
        (length, from, missed, chance) => {
          const content = bytes(length, from);
          const { total, frame } = framesOf(content);
          const collector = new Collector();
          let shown = 0;
          for (let number = from; collector.content === null; number += 1) {
            expect((shown += 1)).toBeLessThan(40 * total + 400);
            if (chance.next().value! < missed) continue;
            collector.take(frame(number));
            if (number % 3 === 0) collector.take(frame(number));
          }
          expect(collector.content).toEqual(content);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('needs few frames more than there are pieces when a third is missed', () => {
    const content = bytes(20_000);
    const { total, frame } = framesOf(content);
    const collector = new Collector();
    let number = 0;
    for (; collector.content === null; number += 1) if (number % 3 !== 1) collector.take(frame(number));
    expect(number).toBeLessThan(3 * total);
  });

  it('does not believe a square that is damaged, foreign or of nonsense', () => {
    const { frame } = framesOf(bytes(1000));
    const collector = new Collector();
    const good = frame(0);
    for (const text of ['', 'https://example.org', good.slice(0, -3), `${good}000`, good.replace('WH1', 'WH2')]) {
      expect(collector.take(text)).toBe(false);
    }
    for (let at = 4; at < good.length; at += 5) {
      expect(collector.take(good.slice(0, at) + (good[at] === '7' ? '8' : '7') + good.slice(at + 1))).toBe(false);
    }
    expect(collector.progress).toEqual({ found: 0, total: 0 });
  });

  it('begins anew when another one is shown', () => {
    const [one, other] = [framesOf(bytes(1000, 1)), framesOf(bytes(1000, 2))];
    const collector = new Collector();
    collector.take(one.frame(0));
    for (let number = 0; number < other.total; number += 1) collector.take(other.frame(number));
    expect(collector.content).toEqual(bytes(1000, 2));
  });
});
