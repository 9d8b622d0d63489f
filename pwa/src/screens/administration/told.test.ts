/** What of the accounting and of releases is said, in words: whom, what, what for, until when. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { State } from '../../domain/records.ts';
import { addMessages } from '../messages/index.ts';
import type { DisclosureEntry } from './server.ts';
import { informationWords, standingReleases, underWords } from './told.ts';

beforeAll(() => addMessages('release', 'coordinator'));

const entry: DisclosureEntry = {
  at: '2026-04-30T02:14:00.000Z', to: 'Pat Example', to_role: 'prosecutor', information: ['intake'], release: 'r',
  recipient: 'The office', purpose: 'Deciding the charge', expires_on: '2026-10-31',
};

describe('a line', () => {
  test('names the release by its recipient, purpose and last day', () => {
    expect(underWords(entry)).toMatch(/^Under the release to The office, for: Deciding the charge\. Until .*2026/);
  });

  test('says that the release is erased, and makes nothing up for what is missing', () => {
    for (const gone of ['recipient', 'purpose', 'expires_on'] as const) {
      expect(underWords({ ...entry, [gone]: null })).toBe('What its release said was erased with the referral.');
    }
  });

  test('tells each piece of information in words, and a code of a newer server as it is', () => {
    expect(informationWords(['status', 'newer'])).toBe('How far the referral is, in one word · newer');
  });
});

describe('releases in force', () => {
  const release = (expires_on: string) => ({ kind: 'release.give', payload: { expires_on }, saw: [] });
  const state = (more: object): State =>
    ({ consent: {}, strikes: {}, entries: { b: release('2026-06-02'), a: release('2026-06-01'), c: release('2026-05-31') }, ...more }) as unknown as State;

  test('are those whose last day has not passed, the first to end first', () => {
    expect(standingReleases(state({}), '2026-06-01').map(([id]) => id)).toEqual(['a', 'b']);
  });

  test('are none that was taken back', () => {
    expect(standingReleases(state({ strikes: { a: {} } }), '2026-06-01').map(([id]) => id)).toEqual(['b']);
  });
});
