import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { carriages, dropCarried, takeOver } from '../storage/carried.ts';
import type { Database } from '../storage/database.ts';
import { changeDevice } from '../storage/devices.ts';
import type { FiledRecord, OutboxFile } from '../storage/outbox_file.ts';
import { phone } from '../storage/testing.ts';
import { carry } from './carry.ts';

const AUTHOR = 'a1b2c3d4-0000-4000-8000-000000000001';
const EPOCH = 'epoch-1';

const records = (count: number, from = 1): FiledRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    op_id: crypto.randomUUID(), seq: from + index, key_id: '0123456789abcdef', digest: 'd'.repeat(64), blob: `sealed-${from + index}`,
  }));
const file = (count: number): OutboxFile => ({ device_id: AUTHOR, program_id: 'denver', made_at: '2026-04-30T02:14:00Z', records: records(count) });

type Body = { device_id: string; author_device_id: string; operations: { op_id: string; seq: number; blob: string }[] };
type Status = 'taken' | 'refused' | 'retry';

let database: Database;
let device_id: string;
let asked: Body[];
let say: (seq: number) => Status;
let bend: (answer: Record<string, unknown>) => unknown;
let status: number;

beforeEach(async () => {
  ({ database, device_id } = await phone());
  await database.write(['devices'], (transaction) => changeDevice(transaction, device_id, () => ({ epoch: EPOCH })));
  [asked, say, bend, status] = [[], () => 'taken', (answer) => answer, 200];
  vi.stubGlobal('fetch', async (path: string, { body }: { body: string }) => {
    expect(path).toBe('/api/sync/forward');
    const sent = JSON.parse(body) as Body;
    asked.push(sent);
    if (status !== 200) {
      const problem = JSON.stringify({ type: 'urn:handoff:problem:x', title: 'x', status, detail: '' });
      return new Response(problem, { status, headers: { 'Content-Type': 'application/problem+json' } });
    }
    const receipts = sent.operations.map(({ op_id, seq }) => ({ op_id, epoch: EPOCH, position: seq, status: say(seq) }));
    return Response.json(bend({ protocol: 1, epoch: EPOCH, receipts }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const state = async (): Promise<[number, number, number]> => {
  const [one] = await carriages(database, Date.now());
  return [one?.waiting ?? 0, one?.taken ?? 0, one?.refused ?? 0];
};
const take = (of: OutboxFile): Promise<number> => takeOver(database, of, new Date().toISOString());

describe('what a colleague gave', () => {
  test('is sent as it came, in order, and not kept once the server has it', async () => {
    const given = file(3);
    expect(await take(given)).toBe(3);
    expect(await carry(database, device_id)).toBe('done');
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ protocol: 1, device_id, author_device_id: AUTHOR });
    expect(asked[0]!.operations).toEqual(
      given.records.map(({ op_id, seq, key_id, blob }) => ({ op_id, device_id: AUTHOR, seq, program_id: 'denver', key_id, blob })),
    );
    expect(await state()).toEqual([0, 3, 0]);
    const left = await database.read(['carried'], (transaction) => transaction.objectStore('carried').getAll());
    expect(left.map(({ blob }) => blob)).toEqual(['', '', '']);
    await carry(database, device_id);
    expect(asked).toHaveLength(1);
  });

  test('goes in batches that the server takes', async () => {
    await take(file(101));
    await carry(database, device_id);
    expect(asked.map(({ operations }) => operations.length)).toEqual([100, 1]);
    expect(await state()).toEqual([0, 101, 0]);
  });

  test('is known again when the same file is opened twice, and another copy does not take its place', async () => {
    const given = file(2);
    await take(given);
    expect(await take(given)).toBe(0);
    const altered = { ...given, records: given.records.map((each) => ({ ...each, blob: 'altered' })) };
    say = (seq) => (asked.at(-1)!.operations.find((each) => each.seq === seq)?.blob === 'altered' ? 'refused' : 'taken');
    expect(await take(altered)).toBe(2);
    expect(await state()).toEqual([4, 0, 0]);
  });

  test('stays where it waits for an earlier one, and delays nothing', async () => {
    await take(file(3));
    say = (seq) => (seq === 2 ? 'retry' : seq === 3 ? 'refused' : 'taken');
    expect(await carry(database, device_id)).toBe('done');
    expect(asked).toHaveLength(1);
    expect(await state()).toEqual([1, 1, 1]);
    say = () => 'taken';
    await carry(database, device_id);
    expect(asked.at(-1)!.operations.map(({ seq }) => seq)).toEqual([2]);
    expect(await state()).toEqual([0, 2, 1]);
  });

  test('is forgotten a week after it was brought, and at once where the person says so', async () => {
    await take(file(2));
    await carry(database, device_id);
    const week = 7 * 24 * 60 * 60_000;
    expect(await carriages(database, Date.now() + week - 60_000)).toHaveLength(1);
    expect(await carriages(database, Date.now() + week + 60_000)).toEqual([]);
    await take(file(1));
    await dropCarried(database, AUTHOR);
    expect(await carriages(database, Date.now())).toEqual([]);
  });
});

describe('no answer that counts moves anything', () => {
  const bends: Record<string, (answer: Record<string, unknown>) => unknown> = {
    'a portal': () => ({ welcome: 'to the hotel' }),
    'another protocol': (answer) => ({ ...answer, protocol: 2 }),
    'another epoch': (answer) => ({ ...answer, epoch: 'epoch-0' }),
    'the server as it was before a restore': (answer) => ({
      ...answer, epoch: 'epoch-0', receipts: (answer['receipts'] as object[]).map((each) => ({ ...each, epoch: 'epoch-0' })),
    }),
    'receipts of another epoch': (answer) => ({ ...answer, receipts: (answer['receipts'] as object[]).map((each) => ({ ...each, epoch: 'epoch-0' })) }),
    'one receipt too few': (answer) => ({ ...answer, receipts: (answer['receipts'] as object[]).slice(1) }),
    'receipts in another order': (answer) => ({ ...answer, receipts: (answer['receipts'] as object[]).toReversed() }),
    'a status that is none': (answer) => ({ ...answer, receipts: (answer['receipts'] as object[]).map((each) => ({ ...each, status: 'applied' })) }),
  };
  test.each(Object.keys(bends))('%s', async (name) => {
    await take(file(2));
    bend = bends[name]!;
    expect(await carry(database, device_id)).toBe('offline');
    expect(await state()).toEqual([2, 0, 0]);
  });

  test.each([[404, 'unknown'], [401, 'sign_in'], [500, 'offline'], [413, 'offline']] as const)('a problem %i', async (code, outcome) => {
    await take(file(2));
    status = code;
    expect(await carry(database, device_id)).toBe(outcome);
    expect(await state()).toEqual([2, 0, 0]);
  });
});
