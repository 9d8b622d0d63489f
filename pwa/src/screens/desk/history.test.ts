import { describe, expect, test } from 'vitest';
import { GROUPS } from '../../domain/fields.ts';
import { minute } from '../coordinator/referral.fixture.ts';
import { TOLD_GROUPS, tellHistory, type HistoryItem } from './history.ts';
import { readHistory, readWrong } from './server.ts';

const ROOK = { name: 'Officer Rook', role: 'officer' };
let made = 0;
const item = (kind: string, at: number, rest: Partial<HistoryItem> = {}): HistoryItem => ({
  op_id: `op-${(made += 1)}`, kind, by: ROOK, at: minute(at), received_at: minute(at), groups: ['place'], ...rest,
});

describe('the history', () => {
  test('knows every group of the vocabulary', () => {
    expect([...TOLD_GROUPS]).toEqual([...GROUPS]);
  });

  test('makes one sentence of one person’s changes within ten minutes', () => {
    const told = tellHistory([item('referral.set', 0), item('referral.set', 9, { groups: ['case', 'place'] }), item('referral.set', 11)]);
    expect(told.map(({ groups, count }) => [groups, count])).toEqual([[['place', 'case'], 2], [['place'], 1]]);
  });

  test('never joins what two people did, nor acts', () => {
    const ana = { name: 'Ana', role: 'coordinator' };
    expect(tellHistory([item('referral.set', 0), item('referral.set', 1, { by: ana })])).toHaveLength(2);
    expect(tellHistory([item('note.add', 0), item('note.add', 0)])).toHaveLength(2);
    expect(tellHistory([item('referral.set', 0), item('referral.alert', 1), item('referral.set', 2)])).toHaveLength(3);
  });

  test('keeps a wrong clock apart from when it was done and when it arrived', () => {
    const [told] = tellHistory([item('note.add', 0, { received_at: minute(180), off_ms: -7_200_000 })]);
    expect(told!.times).toEqual({ at: minute(0), received: minute(180), off_ms: -7_200_000 });
    expect(tellHistory([item('note.add', 0, { off_ms: null })])[0]!.times).toEqual({ at: minute(0) });
  });

  test('keeps the server’s order even where clocks disagree', () => {
    expect(tellHistory([item('referral.alert', 30), item('page.acknowledge', 2)]).map(({ kind }) => kind)).toEqual([
      'referral.alert', 'page.acknowledge',
    ]);
  });

  test('marks what arrived long after it was done, and does not join it with what did not', () => {
    const late = item('referral.set', 0, { received_at: minute(180) });
    const told = tellHistory([item('referral.set', 0), late]);
    expect(told.map(({ times }) => times.received ?? null)).toEqual([null, minute(180)]);
  });

  test('tells that something happened when it does not know what', () => {
    expect(tellHistory([item('referral.teleport', 0, { groups: ['unheard_of'] })])[0]).toMatchObject({ kind: 'other', groups: [] });
  });
});

describe('the server’s answers', () => {
  test('are read as far as they can be understood', () => {
    const good = item('note.add', 0, { off_ms: null });
    const nameless = { ...good, by: { id: 'x', name: '', role: 'server' } };
    expect(readHistory([good, null, { op_id: 1 }, nameless, { ...good, groups: 'place' }])).toEqual([
      good, { ...good, by: null }, { ...good, groups: [] },
    ]);
    expect(() => readHistory({ items: [] })).toThrow(TypeError);
  });

  test('name what is wrong, with numbers and words only, and refuse an answer without sentences', () => {
    const answer = { sentences: [{ code: 'overdue', values: { count: 2, name: 'x', odd: { deep: 1 } } }, { code: 'no_worker' }, 'x'] };
    expect(readWrong(answer)).toEqual([
      { code: 'overdue', values: { count: 2, name: 'x' } }, { code: 'no_worker', values: {} },
    ]);
    expect(() => readWrong({})).toThrow(TypeError);
  });
});
