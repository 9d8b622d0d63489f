import { beforeEach, expect, it, vi } from 'vitest';
import type { Language, MessageKey, PluralKey } from './language.ts';

const key = (name: string): MessageKey => name as MessageKey;
const plural = (name: string): PluralKey => name as PluralKey;

async function fresh(): Promise<typeof import('./language.ts')> {
  vi.resetModules();
  return import('./language.ts');
}
let speech: Awaited<ReturnType<typeof fresh>>;
const en = { hello: 'Hello {name}', waiting_one: '{n} waits', waiting_other: '{n} wait' };
const es = { hello: 'Hola, {name}', waiting_one: '{n} espera', waiting_other: '{n} esperan' };

beforeEach(async () => {
  speech = await fresh();
  speech.addRoomNow('test', 'en', en, { en: () => en, es: () => Promise.resolve(es) });
});

it('fills placeholders and leaves unknown ones to be seen', () => {
  expect(speech.t(key('hello'), { name: 'Rio' })).toBe('Hello Rio');
  expect(speech.t(key('hello'), {})).toBe('Hello {name}');
});

it('counts by the rules of the language on the screen', async () => {
  expect(speech.tn(plural('waiting'), 1)).toBe('1 waits');
  expect(speech.tn(plural('waiting'), 0)).toBe('0 wait');
  const root = { lang: '' };
  speech.followLanguage(root);
  speech.language.value = 'es';
  await vi.waitFor(() => expect(root.lang).toBe('es'));
  expect(speech.tn(plural('waiting'), 1)).toBe('1 espera');
  // Spanish has a category of its own for millions, for which "other" must do.
  expect(speech.tn(plural('waiting'), 1_000_000)).toContain('esperan');
});

it('keeps the former language on the screen when the other cannot be fetched', async () => {
  const failing = { en: () => en, es: () => Promise.reject(new Error('offline')) };
  speech.addRoomNow('other', 'en', { more: 'More' }, failing);
  const root = { lang: '' };
  speech.followLanguage(root);
  speech.language.value = 'es';
  await vi.waitFor(() => expect(speech.language.value).toBe('es'));
  await Promise.resolve();
  expect(root.lang).toBe('en');
  expect(speech.t(key('more'))).toBe('More');
});

it('shows the language asked for last, whichever dictionary comes first', async () => {
  let bring: (dictionary: typeof es) => void = () => undefined;
  const slow = { en: () => en, es: () => new Promise<typeof es>((resolve) => (bring = resolve)) };
  speech.addRoomNow('slow', 'en', en, slow);
  const root = { lang: '' };
  speech.followLanguage(root);
  for (const wanted of ['es', 'en'] satisfies Language[]) speech.language.value = wanted;
  bring(es);
  await vi.waitFor(() => expect(root.lang).toBe('en'));
  expect(speech.t(key('hello'), { name: 'Rio' })).toBe('Hello Rio');
});

it('speaks a participant’s language without changing the officer’s', async () => {
  const say = await speech.speak('es');
  expect(say(key('hello'), { name: 'Rio' })).toBe('Hola, Rio');
  expect(speech.t(key('hello'), { name: 'Rio' })).toBe('Hello Rio');
});

it('keeps every room’s sentences, whichever room’s came last', async () => {
  let bring: (dictionary: { a: string }) => void = () => undefined;
  let asked = 0;
  const answer = (): { a: string } | Promise<{ a: string }> => {
    asked += 1;
    return asked === 1 ? new Promise<{ a: string }>((resolve) => (bring = resolve)) : { a: 'A' };
  };
  const first = speech.addRoom('first', { en: answer, es: () => ({}) });
  await speech.addRoom('second', { en: () => ({ b: 'B' }), es: () => ({}) });
  expect(speech.t(key('b'))).toBe('B');
  bring({ a: 'A' });
  await first;
  expect([speech.t(key('a')), speech.t(key('b'))]).toEqual(['A', 'B']);
});
