import { beforeAll, expect, test } from 'vitest';
import { addRoom } from '../../state/language.ts';
import { en } from '../messages/administration.en.ts';
import { es } from '../messages/administration.es.ts';
import { addMessages } from '../messages/index.ts';
import { headingOf, openRequests, ownRequests, reasonOf, settled } from './requests.ts';
import type { RequestEntry } from './server.ts';

beforeAll(async () => {
  await addMessages('desk');
  await addRoom('administration', { en: () => en, es: () => es });
});

const request = (id: string, changed: Partial<RequestEntry> = {}): RequestEntry => ({
  id, kind: 'expunge', subject: 'referral', subject_name: null, number: 12, reason: 'mistake', asked_by: 'olive', asked_by_name: 'Olive Example',
  asked_at: '2026-11-22T03:00:00Z', expires_at: '2026-11-24T03:00:00Z', decided_by_name: null, decided_at: null, state: 'asked',
  may_decide: false, own: false, ...changed,
});
test('what one can decide, what one asked for, and what is settled are kept apart; what runs out first is decided first', () => {
  const requests = [
    request('late', { may_decide: true }), request('own', { own: true }), request('soon', { may_decide: true, expires_at: '2026-11-23T03:00:00Z' }),
    request('past', { own: true, state: 'expired' }), request('done', { state: 'done' }), request('of others'),
  ];
  expect(openRequests(requests).map(({ id }) => id)).toEqual(['soon', 'late']);
  expect(ownRequests(requests).map(({ id }) => id)).toEqual(['own']);
  expect(settled(requests).map(({ id }) => id)).toEqual(['past', 'done']);
});

test('each kind says what shall happen, and to whom; a referral has the number that the server gave it', () => {
  expect(headingOf(request('1'))).toBe('Erase for ever: No. 12');
  expect(headingOf(request('1', { kind: 'recovery', number: null, subject_name: 'Sam Sample' }))).toBe('Let Sam Sample in again');
  expect(headingOf(request('1', { kind: 'break_glass' }))).toBe('Let Olive Example look: No. 12');
  expect(headingOf(request('1', { kind: 'hold' }))).toBe('Keep for the law: No. 12');
  expect(headingOf(request('1', { kind: 'hold_end', subject: 'hold' }))).toBe('End the keeping: No. 12');
  expect(headingOf(request('1', { number: null }))).toBe('Erase for ever: a referral');
});

test('a code becomes words; what somebody wrote stays, even where it looks like a code', () => {
  expect(reasonOf({ kind: 'expunge', reason: 'court_order' })).toBe('An order of a court');
  expect(reasonOf({ kind: 'hold', reason: 'of_tomorrow' })).toBe('of_tomorrow');
  expect(reasonOf({ kind: 'recovery', reason: 'mistake' })).toBe('mistake');
});
