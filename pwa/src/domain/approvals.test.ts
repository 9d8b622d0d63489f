/** Who may confirm and set aside: the cases that Python reads too. */
import { expect, test } from 'vitest';
import { HELD_BY, type Named, mayConfirm, mayOverride } from './approvals.ts';
import type { Role } from './fields.ts';
import type { Entry } from './records.ts';
import { read } from './vectors.testing.ts';

interface Cases {
  held_by: Record<Named, Role[]>;
  confirm: { name: string; entry: Entry; role: Role; user: string; may: boolean }[];
  override: { name: string; by_role: Named; role: Role; may: boolean }[];
}
const CASES = read<Cases>('approvals.json');

test('whom a role speaks for is the same in both languages', () => {
  expect(HELD_BY).toEqual(CASES.held_by);
});

test.each(CASES.confirm)('confirming: $name', ({ role, user, entry, may }) => {
  expect(mayConfirm(role, user, entry)).toBe(may);
});

test.each(CASES.override)('setting aside: $name', ({ role, by_role, may }) => {
  expect(mayOverride(role, by_role)).toBe(may);
});
