/** An officer's screens on the narrower view that comes down once the program has accepted the person. */
import { expect, test } from 'vitest';
import type { State, View } from '../../domain/records.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { endings } from './endings.ts';
import { takenOver } from './taken_over.ts';

const view = (part: Partial<View>): Pick<ReferralRecord, 'view'> => ({ view: { consented: false, blocked: false, consent: {}, ...part } as View });
const GRANT = { g: { kind: 'grant', saw: [], at: '2026-04-30T02:14:00Z' } } as unknown as View['consent'];

test.each<[Partial<View>, boolean]>([
  [{ consented: true }, true],
  [{ blocked: true }, true],
  [{ consented: true, consent: GRANT }, false],
  [{}, false],
])('%o', (part, taken) => {
  expect(takenOver(view(part), 'officer')).toBe(taken);
  expect(takenOver(view(part), 'partner')).toBe(false);
});

test('what the server has not answered is the officer’s own', () => {
  expect(takenOver({ view: null }, 'officer')).toBe(false);
});

const record = (part: Partial<View>): Pick<ReferralRecord, 'state' | 'view'> => ({
  ...view(part), state: { consent: part.consent ?? {} } as State,
});

test('the yes can be taken back whatever the officer sees, and nothing else is left to end', () => {
  const of = (part: Partial<View>): string[] => endings(record(part), 'officer');
  expect(of({ consented: true })).toEqual(['withdraw']);
  expect(of({ blocked: true })).toEqual([]);
  expect(of({ consented: true, consent: GRANT })).toEqual(['left', 'withdraw', 'mistake']);
  expect(of({})).toEqual(['left', 'mistake']);
  expect(endings(record({ consented: true }), 'partner')).toEqual(['left', 'mistake']);
  const waiting = { w: { kind: 'withdrawal' } } as unknown as State['consent'];
  expect(endings({ ...view({ consented: true }), state: { consent: waiting } as State }, 'officer')).toEqual([]);
});
