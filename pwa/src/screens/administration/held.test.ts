import { expect, it } from 'vitest';
import type { UndecidedItem } from '../../transport/schema.d.ts';
import { byAge, matters } from './held.ts';

const item = (id: string, changes: Partial<UndecidedItem> = {}): UndecidedItem => ({
  id, author_name: 'Ada', device_id: 'd1', device_label: '', device_state: 'revoked', kind: 'note.add', made_at: null,
  received_at: '2026-04-30T02:00:00Z', state: 'held', reason: 'device_revoked', referral_id: 'r1', referral_number: 7, may_adopt: true,
  sealed: false, brought: null, ...changes,
});

it('what one phone wrote about one referral is one matter, and a referral that is not here yet is one by its reason', () => {
  const found = matters([
    item('1'), item('2', { referral_id: 'r2' }), item('3'), item('4', { device_id: 'd2' }), item('5', { state: 'rejected', may_adopt: false }),
    item('6', { referral_id: null }), item('7', { referral_id: null }),
  ]);
  expect(found.map(({ items }) => items.map(({ id }) => id))).toEqual([['1', '3'], ['2'], ['4'], ['5'], ['6', '7']]);
  expect(found.map(({ adoptable }) => adoptable.length)).toEqual([2, 1, 1, 0, 2]);
});

it('what nobody could open is a matter of its own', () => {
  const sealed = { kind: null, referral_id: null, reason: 'cannot_open', state: 'rejected' as const };
  expect(matters([item('1', sealed), item('2', sealed)])).toHaveLength(2);
});

it('counts by age, each once', () => {
  const now = Date.parse('2026-05-01T02:00:00Z');
  const at = (received_at: string): { received_at: string } => ({ received_at });
  expect(byAge([at('2026-05-01T01:00:01Z'), at('2026-05-01T01:00:00Z'), at('2026-04-30T02:00:01Z'), at('2026-04-30T02:00:00Z')], now)).toEqual({
    hour: 1, day: 2, older: 1,
  });
});
