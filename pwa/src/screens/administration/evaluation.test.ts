/** Every code that the server may send an evaluator has its word in both languages; what has none is shown as it is. */
import { beforeAll, expect, test } from 'vitest';
import { STATUSES } from '../../domain/fields.ts';
import { addRoom } from '../../state/language.ts';
import { DECISIONS } from '../coordinator/codes.ts';
import { en } from '../messages/evaluation.en.ts';
import { es } from '../messages/evaluation.es.ts';
import { columnWords, valueWords } from './evaluation.ts';

beforeAll(() => addRoom('evaluation', { en: () => en, es: () => es }));

const CODES: Record<string, readonly string[]> = {
  pathway: ['arrest_diversion', 'social_contact', 'community'],
  status: [...Object.keys(STATUSES), 'begun', 'consent_withdrawn'],
  decision: DECISIONS,
  minutes_to_answer: ['under_5', '5_to_14', '15_to_59', '60_or_more', 'not_answered'],
  word: ['black', 'not_hispanic', 'nonbinary'],
};

test('every code has a word', () => {
  const missing = Object.entries(CODES).flatMap(([kind, codes]) => codes.filter((code) => !(`eval_${kind}_${code}` in en)));
  expect(missing).toEqual([]);
});

test('codes are told by their column, and what is withheld is withheld in every one', () => {
  expect(valueWords('status', 'closed')).toBe('Closed');
  expect(valueWords('race_perceived', 'black')).toBe('Black');
  for (const column of ['agency', 'month', 'status', 'gender_self']) expect(valueWords(column, 'withheld')).toBe('Withheld');
});

test('an agency and a month are no codes, and a newer server’s code is shown as it is', () => {
  expect(valueWords('agency', 'closed')).toBe('closed');
  expect(valueWords('month', '2026-04')).toBe('2026-04');
  expect([valueWords('status', 'some_newer'), columnWords('a_newer_one')]).toEqual(['some newer', 'a newer one']);
});

test('what they said and what an officer perceived are two columns', () => {
  expect(columnWords('race_self')).not.toBe(columnWords('race_perceived'));
});
