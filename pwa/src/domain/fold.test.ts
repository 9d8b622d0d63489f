/** The phone's fold and overlay against the shared vectors; `differential.test.ts` compares it with Python's on random logs. */
import { describe, expect, test } from 'vitest';
import { applyOperation, blocked, consented, emptyState, overlay } from './fold.ts';
import { canonical } from './operation.ts';
import type { Committed, State } from './records.ts';
import { releasesInForce } from './releases.ts';
import { type Expectation, foldCases, sha256 } from './vectors.testing.ts';

const CASES = foldCases();

function folded(log: readonly Committed[]): { state: State; opened: string[] } {
  const first = log[0];
  if (first === undefined) throw new Error('A case without pending operations has a log.');
  const state = emptyState(first.referral_id, first.program_id);
  return { state, opened: log.flatMap((operation) => applyOperation(state, operation)) };
}

async function check(state: State, said: Expectation): Promise<void> {
  expect(Object.keys(state.conflicts).sort()).toEqual([...said.conflicts].sort());
  for (const [key, value] of Object.entries(said.values ?? {})) {
    expect(canonical(state.registers[key]?.value), key).toBe(canonical(value));
  }
  for (const [key, op] of Object.entries(said.writers ?? {})) expect(state.registers[key]?.op, key).toBe(op);
  if (said.was !== undefined) {
    const told = Object.entries(state.conflicts).filter(([, conflict]) => 'was' in conflict);
    expect(Object.fromEntries(told.map(([id, { was }]) => [id, was]))).toEqual(said.was);
  }
  for (const [id, value] of Object.entries(said.lost ?? {})) {
    expect(canonical(state.conflicts[id]?.lost_value)).toBe(canonical(value));
  }
  if (said.entries !== undefined) expect(Object.keys(state.entries).sort()).toEqual([...said.entries].sort());
  if (said.struck !== undefined) {
    const struck = Object.entries(state.strikes).map(([entry, strike]) => [entry, strike.op]);
    expect(Object.fromEntries(struck)).toEqual(said.struck);
  }
  for (const [op, text] of Object.entries(said.texts ?? {})) expect(state.entries[op]?.payload).toMatchObject({ text });
  for (const [op, digest] of Object.entries(said.payload_sha256 ?? {})) {
    expect(await sha256(canonical(state.entries[op]?.payload))).toBe(digest);
  }
  if (said.consented !== undefined) expect(consented(state)).toBe(said.consented);
  if (said.blocked !== undefined) expect(blocked(state)).toBe(said.blocked);
  for (const [today, releases] of Object.entries(said.in_force ?? {})) {
    expect(Object.keys(releasesInForce(state, today)).sort(), today).toEqual([...releases].sort());
  }
  if (said.vectors !== undefined) expect(state.vectors).toEqual(said.vectors);
  if (said.state !== undefined) expect(canonical(state)).toBe(canonical(said.state));
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

test('the vectors were found', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

describe('the fold says what the case says', () => {
  test.each(CASES.filter((each) => each.pending === undefined))('$id', async (each) => {
    const { state, opened } = folded(each.log);
    await check(state, each.expect);
    if (each.expect.opened !== undefined) expect(opened).toEqual(each.expect.opened);
  });
});

describe('consent is the same in every order', () => {
  test.each(CASES.filter((each) => each.any_order === true))('$id', (each) => {
    for (const order of permutations(each.log)) {
      const { state } = folded(order);
      expect([consented(state), blocked(state)]).toEqual([each.expect.consented, each.expect.blocked]);
    }
  });
});

describe('the overlay says what the case says', () => {
  test.each(CASES.filter((each) => each.pending !== undefined))('$id', async (each) => {
    const before = JSON.stringify([each.view, each.pending]);
    await check(overlay(each.view ?? null, each.pending ?? []), each.expect);
    expect(JSON.stringify([each.view, each.pending]), 'neither argument is changed').toBe(before);
  });

  test('nothing is known without a view and without operations', () => {
    expect(() => overlay(null, [])).toThrow(RangeError);
  });
});
