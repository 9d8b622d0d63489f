import { expect, test } from 'vitest';
import type { Pack } from '../../../rules/model.ts';
import { PACK } from '../../coordinator/pack.fixture.ts';
import { changesBetween } from './changes.ts';
import { statedIn } from './server.ts';
import { before } from './versions.tsx';

const told = (after: Pack) => changesBetween(PACK, after).map(({ part, what, keys }) => [part, what, keys.join()]);

test('nothing that the rules say differs: another version and another day are no change', () => {
  expect(told({ ...PACK, version: '2027-01-01', effective_from: '2027-01-01' })).toEqual([]);
});

test('a rule added, one taken out, and one changed with its former words', () => {
  const [grown, peaceful, ...rest] = PACK.rules;
  const why = { en: 'Another sentence', es: 'Otra frase' };
  const changed = { ...grown!, why, tier: 'warn' as const };
  const found = changesBetween(PACK, { ...PACK, rules: [changed, ...rest, { ...peaceful!, id: 'calm' }] });
  expect(found.map(({ what, name }) => [what, typeof name === 'string' ? name : name.en])).toEqual([
    ['changed', 'Another sentence'],
    ['added', 'peaceful does not hold'],
    ['removed', 'peaceful does not hold'],
  ]);
  expect([found[0]?.before?.en, found[0]?.keys.toSorted()]).toEqual(['grown does not hold', ['tier', 'why']]);
});

test('every part of a pack is looked at', () => {
  const practice = { ...PACK.practice, officer_decides: 'first' as const, approvals: [] };
  const facts = PACK.facts.map((fact) => (fact.id === 'adult' ? { ...fact, asked_of: 'coordinator' as const } : fact));
  const charge = { code: 'camping', level: 'municipal', class: null, statute: null, title: { en: 'Camping', es: 'Acampar' }, cite: 'Page', order: 1, conditions: [] } as const;
  expect(told({ ...PACK, source: 'Another page', practice, facts, charges: [charge], pathways: { social_contact: [] } })).toEqual([
    ['head', 'changed', 'source'],
    ['pathway', 'added', ''],
    ['pathway', 'removed', ''],
    ['charge', 'added', ''],
    ['question', 'changed', 'asked_of'],
    ['approval', 'removed', ''],
    ['practice', 'changed', 'officer_decides'],
  ]);
});

test('who may refer is the same in another order', () => {
  const one = { ...PACK, pathways: { community: ['partner', 'self'] as const } };
  expect(changesBetween(one, { ...PACK, pathways: { community: ['self', 'partner'] as const } })).toEqual([]);
});

test('the days that a text states are read where it writes them plainly, and only of the pack itself', () => {
  const text = 'program: denver\nversion: 2026-05-01\neffective_from: "2026-06-01"\nrules:\n  - version: 1999-01-01\n';
  expect([statedIn(text, 'version'), statedIn(text, 'effective_from')]).toEqual(['2026-05-01', '2026-06-01']);
  expect(statedIn('  version: 2026-05-01', 'version')).toBeUndefined();
});

test('a version is compared with the one before it that was not withdrawn', () => {
  const entry = (hash: string, state: string) => ({ hash, state }) as unknown as Parameters<typeof before>[0][number];
  const packs = [entry('c', 'in_force'), entry('b', 'withdrawn'), entry('a', 'past')];
  expect(before(packs, 'c')?.hash).toBe('a');
  expect(before(packs, 'a')).toBeUndefined();
});
