import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const HERE = import.meta.dirname;
const SCREENS = join(HERE, '..');
const ROOMS = ['shell', 'access', 'administration', 'answer', 'attention', 'quarantine', 'lock', 'parts', 'settings', 'reached', 'release', 'officer', 'coordinator', 'desk', 'evaluation', 'handover', 'merging', 'staff', 'staff_rules', 'rota', 'called', 'conflicts'] as const;
type Room = (typeof ROOMS)[number];
type Dictionary = Record<string, string>;

const dictionary = async (room: Room, language: 'en' | 'es'): Promise<Dictionary> =>
  ((await import(`./${room}.${language}.ts`)) as Record<string, Dictionary>)[language]!;

const placeholders = (sentence: string): string[] => [...sentence.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();

describe.each(ROOMS)('the sentences of %s', (room) => {
  it('carry the same placeholders in both languages', async () => {
    const [en, es] = await Promise.all([dictionary(room, 'en'), dictionary(room, 'es')]);
    expect(Object.keys(es).sort()).toEqual(Object.keys(en).sort());
    for (const [key, sentence] of Object.entries(en)) expect([key, placeholders(es[key]!)]).toEqual([key, placeholders(sentence)]);
  });

  it('do not exclaim and leave nothing empty', async () => {
    for (const language of ['en', 'es'] as const) {
      for (const [key, sentence] of Object.entries(await dictionary(room, language))) {
        expect([key, sentence.includes('!'), sentence.trim() === '']).toEqual([key, false, false]);
      }
    }
  });
});

it('belong to one room each', async () => {
  const owners = new Map<string, Room>();
  for (const room of ROOMS) {
    for (const key of Object.keys(await dictionary(room, 'en'))) {
      expect([key, owners.get(key) ?? room]).toEqual([key, room]);
      owners.set(key, room);
    }
  }
});

/** Which rooms are loaded where a file's sentences are spoken; `shell.tsx` and `lazily` load them. */
const SPOKEN: [where: (path: string) => boolean, rooms: Room[]][] = [
  [(path) => path.startsWith('officer/'), ['shell', 'parts', 'officer']],
  [(path) => path.startsWith('coordinator/merging'), ['shell', 'parts', 'coordinator', 'merging']],
  [(path) => path === 'coordinator/release.tsx', ['shell', 'parts', 'coordinator', 'release']],
  [(path) => path === 'conflicts/conflicts_times.tsx', ['shell', 'parts', 'conflicts']],
  [(path) => path.startsWith('conflicts/'), ['shell', 'parts', 'coordinator', 'conflicts']],
  [(path) => path.startsWith('coordinator/'), ['shell', 'parts', 'coordinator', 'staff']],
  [(path) => path.startsWith('rota/'), ['shell', 'parts', 'rota']],
  [(path) => path === 'administration/evaluation.tsx' || path === 'administration/evaluation.ts', ['shell', 'parts', 'administration', 'evaluation']],
  [(path) => path === 'administration/told.tsx' || path === 'administration/told.ts', ['shell', 'parts', 'desk', 'staff', 'administration', 'release']],
  [(path) => path.startsWith('administration/quarantine'), ['shell', 'parts', 'desk', 'staff', 'administration', 'quarantine']],
  [(path) => path.startsWith('administration/'), ['shell', 'parts', 'desk', 'staff', 'administration']],
  [(path) => path.startsWith('attention/'), ['shell', 'parts', 'coordinator', 'staff', 'attention']],
  [(path) => path.startsWith('desk/rules/'), ['shell', 'parts', 'staff_rules']],
  [(path) => path === 'desk/timeline.tsx' || path === 'desk/called.ts', ['shell', 'parts', 'called']],
  [(path) => path === 'desk/prosecution.tsx', ['shell', 'parts', 'staff', 'release']],
  [(path) => path.startsWith('desk/'), ['shell', 'parts', 'desk', 'staff']],
  [(path) => path.startsWith('me/') || ['join.tsx', 'openid.tsx', 'passphrase_changed.tsx', 'key_gone.tsx', 'proof.tsx', 'setup.tsx'].includes(path), ['shell', 'parts', 'lock', 'access']],
  [(path) => path === 'ways_in.tsx' || path === 'parts/passkey_button.tsx', ['shell', 'parts', 'lock']],
  [(path) => path === 'answer.tsx', ['shell', 'answer']],
  [(path) => path.startsWith('handover/'), ['shell', 'parts', 'settings', 'handover']],
  [(path) => path.startsWith('reached/'), ['shell', 'parts', 'settings', 'reached']],
  [(path) => path === 'allow.tsx', ['shell', 'settings']],
  [(path) => path === 'me.tsx', ['shell', 'parts', 'settings']],
  [(path) => path === 'unlock.tsx', ['shell', 'parts', 'lock']],
  [(path) => path === 'demo_accounts.tsx', ['shell', 'parts']],
  [(path) => path === 'shell.tsx' || path === 'sign_in.tsx' || path === 'parts/bar.tsx' || path === 'parts/lazy.tsx', ['shell']],
  [(path) => path.startsWith('parts/'), ['shell', 'parts']],
];

it('are loaded where they are spoken', async () => {
  const owner = new Map<string, Room>();
  for (const room of ROOMS) for (const key of Object.keys(await dictionary(room, 'en'))) owner.set(key, room);
  const files = readdirSync(SCREENS, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.tsx?$/.test(path) && !path.includes('.test.') && !path.startsWith('messages'),
  );
  const astray: string[] = [];
  for (const path of files) {
    const rooms = SPOKEN.find(([where]) => where(path))?.[1] ?? [];
    // Every word in quotes that is a key counts, also where it goes to `t` by way of a table.
    for (const [, word] of readFileSync(join(SCREENS, path), 'utf8').matchAll(/'([a-z][a-z0-9_]*_[a-z0-9_]+)'/g)) {
      const room = owner.get(word!);
      if (room && !rooms.includes(room)) astray.push(`${path}: ${word} is a sentence of ${room}`);
    }
  }
  expect(astray).toEqual([]);
});
