import { expect, test } from 'vitest';
import { hasAgency, inOrder, matching, ROLES } from './accounts.ts';
import type { AccountEntry } from './server.ts';

const person = (id: string, changed: Partial<AccountEntry> = {}): AccountEntry => ({
  id, login: `login.${id}`, name: `Name ${id}`, role: 'officer', agency_id: null, state: 'active', seen_at: null, locked_until: null, ...changed,
});
const ids = (people: readonly AccountEntry[]): string[] => people.map(({ id }) => id);

test('whoever is locked out comes first, then those who can sign in, the invited, the closed; names keep their order', () => {
  const people = [
    person('closed', { state: 'closed' }), person('invited', { state: 'invited' }), person('a'), person('b'),
    person('locked', { locked_until: '2026-11-22T03:00:00Z' }),
  ];
  expect(ids(inOrder(people))).toEqual(['locked', 'a', 'b', 'invited', 'closed']);
});

test('a name is found without its accents and capitals, and by the user name', () => {
  const people = [person('1', { name: 'José Ejemplo', login: 'j.ejemplo' }), person('2', { name: 'Ada Example', login: 'ada' })];
  expect(ids(matching(people, ' jose'))).toEqual(['1']);
  expect(ids(matching(people, 'ADA'))).toEqual(['2']);
  expect(ids(matching(people, 'j.eje'))).toEqual(['1']);
  expect(ids(matching(people, ''))).toEqual(['1', '2']);
  expect(matching(people, 'nobody')).toEqual([]);
});

test('the police have an agency, and nobody else', () => {
  expect(ROLES.filter(hasAgency)).toEqual(['officer', 'sergeant']);
});
