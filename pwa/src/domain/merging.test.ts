/** How two referrals of one person read together, against the shared vectors. */
import { expect, test } from 'vitest';
import { applyOperation, blocked, consented, emptyState } from './fold.ts';
import { canonical } from './operation.ts';
import { joined, knownAs, linksOf, membersOf, rootOf } from './merging.ts';
import type { Committed, State } from './records.ts';
import { type MergingCase, mergingCases } from './vectors.testing.ts';

const CASES = mergingCases();
const INTO = 'aaaaaaaa-0000-4000-8000-000000000001';

function folded(log: readonly Committed[]): State {
  const state = emptyState(log[0]?.referral_id ?? '', 'denver');
  for (const operation of log) applyOperation(state, operation);
  return state;
}

const statesOf = ({ logs }: MergingCase): Map<string, State> =>
  new Map(Object.entries(logs).map(([id, log]) => [id, folded(log)]));

function wholeOf(states: ReadonlyMap<string, State>, id: string): State {
  const [root, ...rest] = membersOf(linksOf(states), id).map((key) => states.get(key) as State);
  return joined(root as State, ...rest);
}

test('the cases were found', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(38);
});

test.each(CASES)('$name', (each) => {
  const states = statesOf(each);
  const before = canonical([...states.values()]);
  for (const [id, together] of Object.entries(each.together)) expect(membersOf(linksOf(states), id)).toEqual(together);
  const said = each.expect;
  const whole = wholeOf(states, said.whole ?? INTO);
  expect(Object.keys(whole.conflicts).sort()).toEqual([...said.conflicts].sort());
  for (const [key, value] of Object.entries(said.values ?? {})) {
    expect(canonical(whole.registers[key]?.value), key).toBe(canonical(value));
  }
  for (const key of said.absent ?? []) expect(whole.registers[key], key).toBeUndefined();
  for (const [key, op] of Object.entries(said.writers ?? {})) expect(whole.registers[key]?.op, key).toBe(op);
  if (said.consented !== undefined) expect(consented(whole)).toBe(said.consented);
  if (said.blocked !== undefined) expect(blocked(whole)).toBe(said.blocked);
  if (said.entries !== undefined) expect(Object.keys(whole.entries).sort()).toEqual([...said.entries].sort());
  if (said.struck !== undefined) {
    expect(Object.fromEntries(Object.entries(whole.strikes).map(([entry, { op }]) => [entry, op]))).toEqual(said.struck);
  }
  expect(canonical([...states.values()]), 'no state is changed').toBe(before);
});

test('a circle of three ends at the smallest id', () => {
  const links = new Map([['b', 'c'], ['c', 'a'], ['a', 'b'], ['d', 'c']]);
  expect(['a', 'b', 'c', 'd'].map((id) => rootOf(links, id))).toEqual(['a', 'a', 'a', 'a']);
  expect(membersOf(links, 'd')).toEqual(['a', 'b', 'c', 'd']);
});

test('a name for a device on another referral leads back, and keeps its zeros', () => {
  const device = 'aaaaaaab-0000-4000-8000-000000000000';
  expect(knownAs(device, INTO)).toBe('00000001-0000-0000-0000-000000000001');
  expect(knownAs(knownAs(device, INTO), INTO)).toBe(device);
});
