/** A disclosure is read only with its notice, and part by part to the end. */
import { expect, test } from 'vitest';
import { askDisclosed, readPart } from './prosecution.ts';

const NOTICE = '42 CFR part 2 prohibits unauthorized use or disclosure of these records.';
const referral = (id: string) => ({ id, facts: {}, scope: [] });

test.each([null, {}, { notice: '', referrals: [] }, { notice: NOTICE }, { referrals: [] }])('%o is no answer', (answer) => {
  expect(() => readPart(answer)).toThrow(TypeError);
});

test('what is no referral is left out', () => {
  expect(readPart({ notice: NOTICE, referrals: [referral('a'), { id: 'b' }, null, 3], before: 'x' })).toEqual({
    notice: NOTICE, referrals: [referral('a')], before: null,
  });
});

test('the parts are asked for until there are no more', async () => {
  const asked: string[] = [];
  const parts = [
    { notice: NOTICE, referrals: [referral('a')], before: 7 },
    { notice: NOTICE, referrals: [], before: 3 },
    { notice: NOTICE, referrals: [referral('b')], before: null },
  ];
  const told = await askDisclosed((path) => Promise.resolve((asked.push(path), parts[asked.length - 1])));
  expect([...told.referrals.keys()]).toEqual(['a', 'b']);
  expect(told.notice).toBe(NOTICE);
  expect(asked).toEqual(['', '?before=7', '?before=3'].map((query) => `/api/prosecution/referrals${query}`));
});

test('a server that never ends is asked a bounded number of times', async () => {
  let count = 0;
  await askDisclosed(() => Promise.resolve({ notice: NOTICE, referrals: [], before: (count += 1) }));
  expect(count).toBe(20);
});
