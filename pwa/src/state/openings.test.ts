import { beforeEach, expect, test, vi } from 'vitest';

const stored = vi.fn<(...args: unknown[]) => Promise<void>>(async () => undefined);
const person: { device_id: string } | null = { device_id: 'device-1' };
const me = { peek: (): typeof person | null => present };
let present: typeof person | null;

vi.mock('../transport/openings.ts', () => ({ storeOpening: (...args: unknown[]) => stored(...args) }));
vi.mock('./phase.ts', () => ({ me: { peek: () => me.peek() } }));
vi.mock('./phone.ts', () => ({ database: 'the database' }));

const START = Date.parse('2026-04-30T02:14:00Z');
const { noteOpening } = await import('./openings.ts');

beforeEach(() => {
  stored.mockClear();
  present = person;
});

test('each referral that is opened is noted, with the device and the time', () => {
  noteOpening('a', START);
  noteOpening('b', START);
  expect(stored.mock.calls).toEqual([
    ['the database', 'device-1', 'a', '2026-04-30T02:14:00.000Z'],
    ['the database', 'device-1', 'b', '2026-04-30T02:14:00.000Z'],
  ]);
});

test('going to and fro is one look; ten minutes later it is another', () => {
  noteOpening('c', START);
  noteOpening('c', START + 10 * 60_000 - 1);
  expect(stored).toHaveBeenCalledTimes(1);
  noteOpening('c', START + 10 * 60_000);
  expect(stored).toHaveBeenCalledTimes(2);
});

test('two people on one phone are two looks', () => {
  noteOpening('d', START);
  present = { device_id: 'device-2' };
  noteOpening('d', START);
  expect(stored).toHaveBeenCalledTimes(2);
});

test('what could not be stored is noted at the next look', async () => {
  stored.mockRejectedValueOnce(new Error('full'));
  noteOpening('e', START);
  await vi.waitFor(() => {
    noteOpening('e', START);
    expect(stored).toHaveBeenCalledTimes(2);
  });
});

test('nobody is noted where nobody is known', () => {
  present = null;
  noteOpening('f', START);
  expect(stored).not.toHaveBeenCalled();
});
