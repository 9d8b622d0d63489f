/** Small judgements of the screens: times that are over, what a failure means, who may enter which room. */
import { expect, test } from 'vitest';
import { NotOurs, Problem, Unreachable } from '../../transport/client.ts';
import { pathwayOf, shownFields } from './behind.tsx';
import { failureOf } from './doing.tsx';
import { isOpen } from './glass.tsx';
import { minutesLeft } from './invitation.tsx';
import { placesOf } from './places.tsx';

const AT = Date.parse('2026-11-22T03:00:00Z');

test('an invitation counts whole minutes, none in its last one, and is over at its instant', () => {
  expect(minutesLeft('2026-11-22T03:10:00Z', AT)).toBe(10);
  expect(minutesLeft('2026-11-22T03:09:59Z', AT)).toBe(9);
  expect(minutesLeft('2026-11-22T03:00:59Z', AT)).toBe(0);
  expect(minutesLeft('2026-11-22T03:00:00Z', AT)).toBe(null);
});

test('broken glass is whole again at its instant, and at once where somebody ended it', () => {
  expect(isOpen({ open: true, until_at: '2026-11-22T03:00:01Z' }, AT)).toBe(true);
  expect(isOpen({ open: true, until_at: '2026-11-22T03:00:00Z' }, AT)).toBe(false);
  expect(isOpen({ open: false, until_at: '2026-11-22T04:00:00Z' }, AT)).toBe(false);
});

const problem = (status: number, code: string): Problem =>
  new Problem(status, { type: `about:${code}`, title: '', detail: 'The detail.', errors: [{ field: 'name', message: 'Too long.' }] }, null);

test('a failure says whether anything was done, and shows the server’s words only where they help', () => {
  expect(failureOf(new Unreachable())).toEqual({ key: 'adm_not_reached', detail: null });
  expect(failureOf(new NotOurs(200))).toEqual({ key: 'adm_failed', detail: null });
  expect(failureOf(problem(403, 'proof-needed'))).toEqual({ key: 'adm_proof_missing', detail: null });
  expect(failureOf(problem(403, 'forbidden'))).toEqual({ key: 'adm_forbidden', detail: 'The detail.' });
  expect(failureOf(problem(404, 'not-found'))).toEqual({ key: 'adm_gone', detail: null });
  expect(failureOf(problem(409, 'conflict'))).toEqual({ key: 'adm_refused', detail: 'The detail. Too long.' });
  expect(failureOf(problem(429, 'too-many'))).toEqual({ key: 'adm_too_many', detail: null });
  expect(failureOf(problem(500, 'problem'))).toEqual({ key: 'adm_failed', detail: null });
});

test('the rooms are those of the role; others have none', () => {
  expect(placesOf('administrator')).not.toContain('retention');
  expect(placesOf('supervisor')).not.toContain('invite');
  for (const role of ['officer', 'sergeant', 'coordinator', 'prosecutor', undefined]) expect(placesOf(role)).toEqual([]);
});

test('behind the glass stand the fields that say something, and nothing that is no field', () => {
  const origin = { value: { pathway: 'social_contact' } };
  const registers = { origin, place: { value: 'Sample Street' }, callback: { value: null }, status: 'no register', wait_minutes: { value: 0 } };
  expect(shownFields({ registers })).toEqual([{ key: 'place', value: 'Sample Street' }, { key: 'wait_minutes', value: 0 }]);
  expect(pathwayOf({ registers })).toBe('social_contact');
  expect(shownFields({})).toEqual([]);
  expect(pathwayOf({})).toBe(null);
});
