import { beforeAll, describe, expect, test } from 'vitest';
import { language, type Language } from '../../state/language.ts';
import { addMessages } from '../messages/index.ts';
import { ANSWERS, CHANNELS, HAPPENED, calledWords, readCalls, type Called } from './called.ts';
import type { Wrong } from './server.ts';
import { wrongWords } from './words.ts';

const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const GAP = { level: 'on_call', from: inHours(3), to: inHours(5) };
const WRONG: Wrong[] = [
  ...['overdue', 'stuck', 'stalled', 'late_deliveries'].map((code) => ({ code, values: { count: 2, minutes: 12 } })),
  ...['held', 'dead_deliveries'].map((code) => ({ code, values: { count: 1 } })),
  ...['nobody_subscribed', 'no_worker'].map((code) => ({ code, values: {} })),
  ...['on_call', 'deputy', 'lead'].map((level) => ({ code: 'empty_step', values: { ...GAP, level } })),
  ...CHANNELS.map((channel) => ({ code: 'refused_channel', values: { channel, origin: 'push.example' } })),
  { code: 'copied_phone', values: { name: 'Maya Example' } },
  { code: 'silent_phone', values: { name: 'Maya Example' } },
  { code: 'broken_glass', values: { name: 'Maya Example', number: 4821, until: inHours(1) } },
  { code: 'left_with_card', values: { count: 3, days: 7 } },
];
const line = (changes: Partial<Called>): Called => ({
  at: '2026-04-30T02:14:00.000Z', what: 'called', user_id: 'u', name: 'Maya Example', channel: 'push', outcome: 'sent', detail: '', ...changes,
});

async function speak(wanted: Language): Promise<void> {
  language.value = wanted;
  await addMessages('desk', 'called');
}

describe.each(['en', 'es'] as const)('in %s', (spoken) => {
  beforeAll(() => speak(spoken));

  test.each(WRONG)('what is wrong is a whole sentence: $code $values', (wrong) => {
    const said = wrongWords(wrong);
    expect(said).toMatch(/^[A-ZÁÉÍÓÚ0-9].{20,}\.$/);
    expect(said).not.toMatch(/[{}_]|desk|undefined/);
  });

  test('every answer, channel and event has its words', () => {
    const said = [
      ...ANSWERS.map((outcome) => line({ outcome })), ...CHANNELS.map((channel) => line({ channel })),
      ...HAPPENED.map((what) => line({ what, channel: null, outcome: null })), line({ what: 'again', detail: '1' }),
    ].map(calledWords);
    for (const each of said) expect(each).not.toMatch(/[{}_]|undefined/);
    expect(new Set(said).size).toBe(said.length - 1); // the phone that was sent to stands in both of the first lists
  });
});

describe('in so many words', () => {
  beforeAll(() => speak('en'));

  test('a gap to come has a beginning, one that has begun only an end', () => {
    expect(wrongWords({ code: 'empty_step', values: GAP })).toMatch(/^From .* to .* nobody who can be reached is on call\./);
    expect(wrongWords({ code: 'empty_step', values: { ...GAP, from: inHours(-1) } })).toMatch(/^Until /);
  });

  test('a call tells whom, by what, with what answer, and why it failed', () => {
    expect(calledWords(line({}))).toBe('Maya Example · phone: sent, not seen yet');
    expect(calledWords(line({ channel: 'sms', outcome: 'dead', detail: 'gone 410' }))).toBe('Maya Example · text message: could not be reached (gone 410)');
    expect(calledWords(line({ outcome: 'pending', detail: 'refused 403' }))).toBe('Maya Example · phone: not taken so far (refused 403)');
    expect(calledWords(line({ channel: 'webhook', user_id: null, name: '' }))).toBe('The program’s own pager · pager: sent, not seen yet');
    expect(calledWords(line({ what: 'again', detail: '1' }))).toBe('Nobody had answered: step 2 began.');
  });

  test('a code that this version does not know is told as one', () => {
    expect(wrongWords({ code: 'teleported', values: {} })).toContain('teleported');
    expect(calledWords(line({ what: 'teleported' }))).toContain('teleported');
    expect(calledWords(line({ channel: 'pigeon', outcome: 'eaten' }))).toBe('Maya Example · another way: not sent yet');
  });
});

test('the server’s answer is read as far as it can be understood', () => {
  const entries = [line({}), line({ what: 'undeliverable' }), null, { at: 1, what: 'called' }, { at: '2026-04-30T02:14:00Z', what: 'closed' }];
  const read = readCalls({ page: null, entries, earlier_left_out: 'yes' });
  expect(read.entries.map(({ what }) => what)).toEqual(['called', 'closed']);
  expect(read.earlier_left_out).toBe(false);
  expect(() => readCalls([])).toThrow(TypeError);
});
