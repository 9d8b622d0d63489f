import { beforeAll, describe, expect, test } from 'vitest';
import { addRoom } from '../../state/language.ts';
import { en } from '../messages/administration.en.ts';
import { es } from '../messages/administration.es.ts';
import { addMessages } from '../messages/index.ts';
import { aboutWords, actWords, queryOf } from './audit.ts';
import type { AuditEntry } from './server.ts';

beforeAll(async () => {
  await addMessages('desk');
  await addRoom('administration', { en: () => en, es: () => es });
});

const DENVER = 'America/Denver';
const ALL = { person: null, referral: null, day: '' };

describe('the question', () => {
  test('is empty where everything is wanted, and names only what is', () => {
    expect(queryOf(ALL, DENVER)).toBe('');
    expect(queryOf({ ...ALL, person: 'p', referral: 'r' }, DENVER)).toBe('?person=p&referral=r');
    expect(queryOf(ALL, DENVER, 41)).toBe('?cursor=41');
  });

  test('asks for a day of the program’s calendar, of 23 hours where clocks are put forward and of 25 where back', () => {
    const span = (day: string): string[] => {
      const query = new URLSearchParams(queryOf({ ...ALL, day }, DENVER));
      return [query.get('from')!, query.get('to')!];
    };
    expect(span('2026-11-22')).toEqual(['2026-11-22T07:00:00.000Z', '2026-11-23T07:00:00.000Z']);
    expect(span('2026-03-08')).toEqual(['2026-03-08T07:00:00.000Z', '2026-03-09T06:00:00.000Z']);
    expect(span('2026-11-01')).toEqual(['2026-11-01T06:00:00.000Z', '2026-11-02T07:00:00.000Z']);
  });

  test('leaves out what is no day', () => {
    for (const day of ['22.11.2026', '2026-13-40', '2026']) expect(queryOf({ ...ALL, day }, DENVER)).toBe('');
  });
});

describe('an entry', () => {
  const entry = (changed: Partial<AuditEntry>): AuditEntry => ({
    number: 1, at: '2026-11-22T03:00:00Z', action: 'referral.open', outcome: 'done', actor_id: 'me', actor_name: 'Ada Example',
    subject: '', subject_name: '', source: '', device_id: null, referrals: [], counts: {}, opened_at: null, ...changed,
  });
  const known = (id: string): string | null => (id.startsWith('r') ? `No. ${id.slice(1)}` : null);

  test('says what was done, and an act that is new as the server names it', () => {
    expect(actWords('referral.open')).toBe('opened a referral');
    expect(actWords('break_glass.look')).toBe('looked through broken glass');
    expect(actWords('session.step-up')).toBe('proved again who they are');
    expect(actWords('moon.fly_to')).toBe('moon fly to');
  });

  test('says whom it was about, and nothing where that is oneself', () => {
    expect(aboutWords(entry({ subject: 'r7' }), known)).toBe('No. 7');
    expect(aboutWords(entry({ subject: 'x', subject_name: 'Sam Sample' }), known)).toBe('Sam Sample');
    expect(aboutWords(entry({ subject: 'me', subject_name: 'Ada Example' }), known)).toBe('');
    expect(aboutWords(entry({ subject: 'unknown' }), known)).toBe('');
  });

  test('names the referrals of a pull, or counts them where one of them has no name here', () => {
    expect(aboutWords(entry({ referrals: ['r1', 'r2'] }), known)).toBe('No. 1, No. 2');
    expect(aboutWords(entry({ referrals: ['r1', 'gone'] }), known)).toBe('2 referrals');
  });
});
