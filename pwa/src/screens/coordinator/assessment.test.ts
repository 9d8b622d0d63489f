import { describe, expect, test } from 'vitest';
import { ASSESSMENT_ANSWERS, ASSESSMENT_ITEMS } from '../../domain/fields.ts';
import {
  ANSWERS, GROUP_NAMES, QUESTION_GROUPS, countAnswered, groupAfter, isDanger, isGroupName, saveActs, standing, unsaved, withAnswer, withText,
} from './assessment.ts';
import { ANA, created, did, referral } from './referral.fixture.ts';
import { findWorking, isNothing } from './working.ts';

const asked = (item: 'court' | 'medical', answer: string, text = '') =>
  did(ANA, 5, 'referral.set', { fields: { [`assessment.${item}`]: { answer, text } } });

test('every item of the vocabulary is in exactly one group, and every answer is offered', () => {
  expect(Object.values(QUESTION_GROUPS).flat().toSorted()).toEqual([...ASSESSMENT_ITEMS].toSorted());
  expect([...ANSWERS].toSorted()).toEqual([...ASSESSMENT_ANSWERS].toSorted());
});

test('groups follow one another and the last has none after it', () => {
  expect(GROUP_NAMES.map(groupAfter)).toEqual([...GROUP_NAMES.slice(1), undefined]);
  expect(isGroupName('toString')).toBe(false);
  expect(isGroupName('now')).toBe(true);
});

describe('an answer', () => {
  test('to an open question is its words; without words it is unasked', () => {
    expect(withText('sleeping', undefined, 'At a friend’s')).toEqual({ answer: 'yes', text: 'At a friend’s' });
    expect(withText('sleeping', { answer: 'yes', text: 'x' }, '')).toEqual({ answer: 'not_asked', text: '' });
    expect(withText('sleeping', { answer: 'prefers_not', text: '' }, ' ')).toEqual({ answer: 'prefers_not', text: ' ' });
  });

  test('loses words that would contradict it', () => {
    expect(withAnswer('sleeping', { answer: 'yes', text: 'here' }, 'unknown')).toEqual({ answer: 'unknown', text: '' });
    expect(withAnswer('court', { answer: 'yes', text: 'May 2' }, 'not_asked')).toEqual({ answer: 'not_asked', text: '' });
    expect(withAnswer('court', { answer: 'yes', text: 'May 2' }, 'no')).toEqual({ answer: 'no', text: 'May 2' });
  });

  test('of yes to a danger says so, and of no does not', () => {
    expect(isDanger('suicide', { answer: 'yes', text: '' })).toBe(true);
    expect(isDanger('suicide', { answer: 'no', text: '' })).toBe(false);
    expect(isDanger('court', { answer: 'yes', text: '' })).toBe(false);
  });
});

describe('what has to be submitted', () => {
  const record = referral('a', [created(), asked('court', 'yes', 'May 2')]);

  test('is what is kept and differs', () => {
    const kept = { court: { answer: 'yes', text: 'May 2 ' }, medical: { answer: 'not_asked', text: '' } } as const;
    expect(unsaved(record, kept, ['court', 'medical'])).toEqual({ medical: { answer: 'not_asked', text: '' } });
  });

  test('is only of the items that were left', () => {
    expect(unsaved(record, { medical: { answer: 'no', text: '' } }, ['court'])).toEqual({});
  });

  test('is one operation an item, in a form the fold takes', () => {
    const acts = saveActs({ medical: { answer: 'yes', text: ' knee ' }, court: { answer: 'no', text: '' } });
    expect(acts).toEqual([
      { kind: 'referral.set', payload: { fields: { 'assessment.medical': { answer: 'yes', text: 'knee' } } } },
      { kind: 'referral.set', payload: { fields: { 'assessment.court': { answer: 'no', text: '' } } } },
    ]);
  });
});

test('"not asked" counts as answered, and what is being typed stands before what was submitted', () => {
  const record = referral('a', [created(), asked('court', 'yes')]);
  const kept = { court: { answer: 'no', text: '' }, medical: { answer: 'not_asked', text: '' } } as const;
  expect(countAnswered(record, kept, ['court', 'medical', 'suicide'])).toBe(2);
  expect(standing(record, kept, 'court')).toEqual({ answer: 'no', text: '' });
  expect(standing(record, {}, 'court')).toEqual({ answer: 'yes', text: '' });
});

describe('the working draft', () => {
  const draft = (referral_id: string, body: Record<string, unknown>) => ({ draft_id: referral_id, referral_id, updated_at: '', body });

  test('is the coordinator’s own one of that referral', () => {
    const officers = draft('a', { pathway: 'arrest_diversion' });
    const own = draft('a', { room: 'coordinator', texts: {}, answers: {} });
    expect(findWorking([officers, draft('b', { room: 'coordinator' }), own], 'a')).toBe(own);
    expect(findWorking([officers], 'a')).toBeUndefined();
  });

  test('is empty when no word and no answer is left', () => {
    expect(isNothing({ room: 'coordinator', texts: { note: '' }, answers: {} })).toBe(true);
    expect(isNothing({ room: 'coordinator', texts: { note: 'x' }, answers: {} })).toBe(false);
    expect(isNothing({ room: 'coordinator', texts: {}, answers: { court: { answer: 'no', text: '' } } })).toBe(false);
  });
});
