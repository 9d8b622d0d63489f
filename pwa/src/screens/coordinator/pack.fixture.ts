/** A small rule pack for tests: each tier once, a question for everybody who can know something, an approval and an intake. */
import type { Pack, PackDocument, Text } from '../../rules/model.ts';

const text = (en: string): Text => ({ en, es: `${en} (es)` });
const fact = (id: string, asked_of: Pack['facts'][number]['asked_of'], type: Pack['facts'][number]['type'] = 'bool') => ({
  id, asked_of, type, unit: null, values: [], question: text(`${id}?`),
});
const rule = (id: string, must: Pack['rules'][number]['must'], rest: Partial<Pack['rules'][number]>) => ({
  id, must, applies_to: ['arrest_diversion'] as const, when: null, tier: 'bars' as const, override_by: null, cite: 'Page 1',
  why: text(`${id} does not hold`), confirm: text(`${id} is not known`), ...rest,
});

export const PACK: Pack = {
  program: 'denver', version: '2026-04-01', effective_from: '2026-04-01', effective_until: null, source: 'A page', official: true,
  unverified: [], pathways: { arrest_diversion: ['officer'] }, way_on: text('Call.'), charges: [],
  practice: {
    officer_decides: 'after_check', notice_to_officer: 'never', service_hours: 'always', languages: ['en', 'es'], consent_scripts: ['1'],
    intake: { days: 30, if_missed: text('The referral may end.'), cite: 'Page 2' },
    approvals: [
      { id: 'sergeant_agrees', by: 'sergeant', when: 'before_offer', applies_to: ['arrest_diversion'], text: text('The sergeant agrees.'), cite: 'Page 3' },
    ],
  },
  facts: [
    fact('violence', 'officer'), fact('lives_here', 'participant'), fact('on_roster', 'coordinator'), fact('adult', 'officer'),
    fact('birth_date', 'record', 'date'), fact('incident_date', 'record', 'date'), fact('referral_date', 'record', 'date'),
  ],
  rules: [
    rule('grown', { first_known: [['birth_date', 'on_or_before', { years: 18, before: 'incident_date' }], ['adult', 'is', true]] }, {}),
    rule('peaceful', ['violence', 'is', false], { tier: 'presumed_out', override_by: 'coordinator' }),
    rule('resident', ['lives_here', 'is', true], {}),
    rule('known_here', ['on_roster', 'is', false], { tier: 'ask_coordinator' }),
  ],
};

export const FOUND: PackDocument = { hash: 'a'.repeat(64), document: PACK };
