/** The list's order, the timeline, the report's place, and the dictionaries. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../domain/fold.ts';
import type { ReferralRecord, Word } from '../../state/types.ts';
import { en } from '../messages/officer.en.ts';
import { es } from '../messages/officer.es.ts';
import { emptyBody, type Body, type OfficerDraft } from './body.ts';
import { items, toErase } from './list.ts';
import { gpsOf } from './place.ts';
import { moments } from './timeline.ts';

const AT = '2026-11-21T02:10:00.000Z';

function record(id: string, word: Word, patch: Partial<ReferralRecord> = {}): ReferralRecord {
  return {
    id, word, number: null, state: emptyState(id, 'denver'), view: null, pending: [], page: null, received_at: null,
    attention: null, mine: true, made_at: AT, ...patch,
  };
}
const register = (value: unknown, at: string, by = 'u') => ({ value, op: 'o', device: 'd', seq: 1, by, at, base: {}, rank: 0 }) as never;
const draft = (draft_id: string, patch: Partial<Body> = {}, updated_at = AT): OfficerDraft => ({
  draft_id, referral_id: `of-${draft_id}`, updated_at, body: { ...emptyBody('arrest_diversion', AT), ...patch },
});
const names = (list: ReturnType<typeof items>) => list.map((item) => (item.kind === 'draft' ? item.draft.draft_id : item.record.id));

describe('the list', () => {
  it('puts first what needs the officer, and done things last', () => {
    const words: Word[] = ['seen', 'received', 'sending', 'saved', 'nobody', 'not_sent', 'attention'];
    const done = record('done', 'nobody');
    done.state.registers['status'] = register('closed', AT);
    const list = items([draft('draft')], [done, ...words.map((word) => record(word, word))]);
    expect(names(list)).toEqual(['attention', 'not_sent', 'nobody', 'saved', 'draft', 'sending', 'received', 'seen', 'done']);
  });

  it('puts the newest first among equals, and leaves out what is not mine', () => {
    const newer = record('newer', 'seen', { made_at: '2026-11-21T03:00:00.000Z' });
    expect(names(items([], [record('older', 'seen'), newer, record('other', 'attention', { mine: false })]))).toEqual(['newer', 'older']);
  });

  it('shows details that wait on their referral, not as a draft of their own', () => {
    const seen = record('r', 'seen');
    seen.state.consent['g'] = { kind: 'grant', saw: [], at: AT } as never;
    const list = items([draft('d', { details_of: 'r', fields: { name: 'Ana' } })], [record('x', 'received'), seen]);
    expect(list[0]).toMatchObject({ kind: 'referral', unsent: true, record: { id: 'r' } });
    expect(names(list)).toEqual(['r', 'x']);
  });

  it('erases at the end of the shift what nobody agreed to, and nothing else', () => {
    const all = [draft('old'), draft('agreed', { agreed: true }), draft('details', { details_of: 'r' }), draft('new', {}, '2026-11-21T12:00:00.000Z')];
    expect(toErase(all, Date.parse('2026-11-21T14:10:01.000Z')).map(({ draft_id }) => draft_id)).toEqual(['old']);
  });
});

describe('the timeline', () => {
  it('tells what is known, in order, and claims nothing else', () => {
    const known = record('r', 'seen', { received_at: '2026-11-21T02:14:00.000Z' });
    expect(moments(known).map(({ what }) => what)).toEqual(['begun', 'received']);
    known.state.consent['g'] = { kind: 'grant', at: '2026-11-21T02:12:00.000Z' } as never;
    known.state.registers['holder'] = register({ user_id: 'c', eta_minutes: 20 }, '2026-11-21T02:16:00.000Z', 'c');
    known.state.registers['status'] = register('handed_off', '2026-11-21T02:40:00.000Z', 'c');
    expect(moments(known).map(({ what, by }) => [what, by])).toEqual([
      ['begun', undefined], ['agreed', undefined], ['received', undefined], ['seen', 'c'], ['handed_off', 'c'],
    ]);
  });

  it('says that the coordinator was called only where a phone could be reached', () => {
    const page = (calling: 'coordinator' | 'nobody' | 'morning') => ({
      state: 'open' as const, opened_at: AT, step: 0, next_step_at: null, acknowledged_by: null, eta_at: null, ack_expires_at: null, calling,
    });
    expect(moments(record('r', 'received', { page: page('coordinator') })).map(({ what }) => what)).toContain('called');
    for (const calling of ['nobody', 'morning'] as const) {
      expect(moments(record('r', 'nobody', { page: page(calling) })).map(({ what }) => what)).not.toContain('called');
    }
  });

  it('says that the officer left, and when', () => {
    const known = record('r', 'received');
    known.state.registers['departure'] = register({ how: 'with_card', reason: 'nobody_answered' }, '2026-11-21T02:30:00.000Z');
    expect(moments(known).at(-1)).toEqual({ what: 'left', at: '2026-11-21T02:30:00.000Z' });
  });

  it('does not call seen what the server has taken back', () => {
    const known = record('r', 'nobody');
    known.state.registers['holder'] = register(null, AT);
    expect(moments(known).map(({ what }) => what)).toEqual(['begun']);
  });
});

describe('a GPS position', () => {
  it('is whole numbers within what a referral takes', () => {
    expect(gpsOf({ latitude: 39.7392358, longitude: -104.990251, accuracy: 12.6 })).toEqual({
      latitude_e6: 39739236, longitude_e6: -104990251, accuracy_m: 13,
    });
    expect(gpsOf({ latitude: 0, longitude: 0, accuracy: 3e7 }).accuracy_m).toBe(1_000_000);
  });
});

describe('the sentences', () => {
  const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

  it('have the same blanks in both languages', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect([key, holes(es[key])]).toEqual([key, holes(en[key])]);
  });

  it('hold no word that puts the charge before the person, nor tú', () => {
    expect(Object.values(en).join('\n')).not.toMatch(/\b(offender|subject|suspect|addict|clean|client|informant for|!)\b/i);
    expect(Object.values(es).join('\n')).not.toMatch(/\b(tú|tu|tienes|puedes|delincuente|sospechos[oa]|adict[oa])\b/i);
    expect([...Object.values(en), ...Object.values(es)].filter((text) => /[!¡]/.test(text))).toEqual([]);
  });
});
