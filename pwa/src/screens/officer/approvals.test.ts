/** Whose word is needed, what is sent of it, and what a referral says of it afterwards. */
import { describe, expect, it } from 'vitest';
import type { Entry, State } from '../../domain/records.ts';
import type { Approval, Determination, Pack, PackDocument, Rule } from '../../rules/model.ts';
import { told } from '../../domain/approvals.ts';
import { approvalsOf, lastTime, pendingApproval, stillNeeded, toSetAside, wordActs, wordGap } from './approvals.ts';
import { emptyBody, NO_WORD, type Body, type Word } from './body.ts';

const TEXT = { en: 'One', es: 'Uno' };
const approval = (id: string, when: Approval['when'], by: Approval['by'] = 'prosecutor'): Approval => ({
  id, by, when, applies_to: ['arrest_diversion'], text: TEXT, cite: 'the page',
});
const rule = (id: string, override_by: Rule['override_by']): Rule => ({
  id, applies_to: ['arrest_diversion'], when: null, must: ['adult', 'is', true], tier: 'presumed_out', override_by, cite: '', why: TEXT, confirm: TEXT,
});
const pack = {
  hash: 'p',
  document: {
    practice: { approvals: [approval('attorney', 'before_offer'), approval('police', 'before_handoff', 'liaison'), approval('court', 'after')] },
    rules: [rule('far', 'coordinator'), rule('repeat', 'officer'), rule('met', 'sergeant')],
  } as unknown as Pack,
} satisfies PackDocument;
const reason = (of: string, answer: 'yes' | 'no') => ({ rule: of, answer, tier: 'presumed_out', facts: [], missing: [] }) as const;
const determination: Determination = {
  outcome: 'needs_review', ask: [], confirm: [], pack: 'p', reasons: [reason('far', 'no'), reason('repeat', 'no'), reason('met', 'yes')],
};
const GIVEN: Word = { by_name: ' Dana Example ', how: 'phone', reason: ' Known to the team ', given_at: '2026-11-21T09:14:00.000Z', state: 'given' };
const body = (patch: Partial<Body> = {}): Body => ({ ...emptyBody('arrest_diversion', ''), ...patch });

describe('approvals', () => {
  it('are needed before the offer or the handoff, on the pathways they are for', () => {
    expect(approvalsOf(body(), pack).map(({ id }) => id)).toEqual(['attorney', 'police']);
    expect([approvalsOf(emptyBody('social_contact', ''), pack), approvalsOf(body(), null)]).toEqual([[], []]);
    expect(approvalsOf(body({ partner: true }), pack)).toEqual([]);
  });

  it('are put one after the other, and not again when nobody could be reached', () => {
    expect(pendingApproval(body(), pack)?.id).toBe('attorney');
    expect(pendingApproval(body({ approvals: { attorney: { ...NO_WORD, by_name: 'half' } } }), pack)?.id).toBe('attorney');
    expect(pendingApproval(body({ approvals: { attorney: { ...NO_WORD, state: 'open' } } }), pack)?.id).toBe('police');
    expect(pendingApproval(body({ approvals: { attorney: GIVEN, police: GIVEN } }), pack)).toBeNull();
  });

  it('are sent as the word of whom the rules name; what is open is not sent as anybody’s word', () => {
    const acts = wordActs(body({ approvals: { attorney: GIVEN, police: { ...GIVEN, state: 'open' }, court: GIVEN } }), pack, null);
    expect(acts).toEqual([
      {
        kind: 'approval.add',
        payload: { approval: 'attorney', by_name: 'Dana Example', by_role: 'prosecutor', how: 'phone', given_at: '2026-11-21T09:14:00.000Z' },
      },
    ]);
  });
});

describe('a rule set aside', () => {
  it('is one that presumes the person out and does not hold', () => {
    expect(toSetAside(determination, pack.document).map(({ id, override_by }) => [id, override_by])).toEqual([['far', 'coordinator'], ['repeat', 'officer']]);
    expect([toSetAside(null, pack.document), toSetAside(determination, null)]).toEqual([[], []]);
  });

  it('is sent with its reason: in somebody’s name, or as the officer’s own where the rule says so', () => {
    const acts = wordActs(body({ overrides: { far: GIVEN, repeat: GIVEN, met: GIVEN } }), pack, determination);
    expect(acts.map(({ payload }) => payload)).toEqual([
      { rule: 'far', reason: 'Known to the team', by_name: 'Dana Example', by_role: 'coordinator', how: 'phone', given_at: GIVEN.given_at },
      { rule: 'repeat', reason: 'Known to the team', by_name: null, by_role: 'officer', how: 'self', given_at: GIVEN.given_at },
    ]);
  });
});

describe('a word written down', () => {
  it('needs who and how, and a reason where a rule is set aside; one’s own needs the reason alone', () => {
    expect(wordGap({ ...GIVEN, by_name: '  ' }, {})).toBe('who');
    expect(wordGap({ ...GIVEN, how: null }, {})).toBe('how');
    expect(wordGap({ ...GIVEN, reason: ' ' }, {})).toBeNull();
    expect(wordGap({ ...GIVEN, reason: ' ' }, { reason: true })).toBe('why');
    expect(wordGap({ ...NO_WORD, reason: 'so' }, { own: true, reason: true })).toBeNull();
    expect(wordGap(NO_WORD, { own: true, reason: true })).toBe('why');
  });

  it('is dated by the last time that the clock showed what was typed', () => {
    const now = Date.parse('2026-11-21T09:14:30.000Z');
    expect(lastTime('02:14', '02:14', now)).toBe('2026-11-21T09:14:00.000Z');
    expect(lastTime('02:10', '02:14', now)).toBe('2026-11-21T09:10:00.000Z');
    expect(lastTime('23:50', '00:05', now)).toBe('2026-11-21T08:59:00.000Z');
    expect(lastTime('02:15', '02:14', now)).toBe('2026-11-20T09:15:00.000Z');
    expect([lastTime('', '02:14', now), lastTime('2', '02:14', now)]).toEqual([null, null]);
  });
});

describe('what a referral says', () => {
  const entry = (kind: Entry['kind'], payload: object, at: string): Entry =>
    ({ kind, payload, by: 'u', role: 'officer', device: 'd', seq: 1, at }) as Entry;
  const approved = entry('approval.add', { approval: 'attorney', by_name: 'Dana', by_role: 'prosecutor', how: 'phone', given_at: '' }, '2');
  const answer = (of: string, said: string, at: string): Entry => entry('approval.confirm', { entry: of, answer: said }, at);
  const state = (entries: Record<string, Entry>, struck: string[] = []): Pick<State, 'entries' | 'strikes'> => ({
    entries, strikes: Object.fromEntries(struck.map((id) => [id, {}])) as State['strikes'],
  });

  it('is who gave a word, with the named person’s own latest answer', () => {
    const set_aside = entry('override.add', { rule: 'far', reason: '', by_name: null, by_role: 'officer', how: 'self', given_at: '' }, '1');
    expect(told(state({ a: approved, o: set_aside })).map(({ id, of, answer: said }) => [id, of, said])).toEqual([['o', 'far', null], ['a', 'attorney', null]]);
    expect(told(state({ a: approved, x: answer('a', 'not_given', '3'), y: answer('a', 'confirmed', '4') }))[0]!.answer).toBe('confirmed');
    expect(told(state({ a: approved, x: answer('a', 'confirmed', '3') }, ['x']))[0]!.answer).toBeNull();
    expect(told(state({ a: approved, x: answer('b', 'confirmed', '3') }, ['a']))).toEqual([]);
  });

  it('is what is still needed: never recorded, struck out, or denied', () => {
    const needed = (...of: Parameters<typeof state>): string[] => stillNeeded(state(...of), body(), pack).map(({ id }) => id);
    expect(needed({})).toEqual(['attorney', 'police']);
    expect(needed({ a: approved })).toEqual(['police']);
    expect(needed({ a: approved }, ['a'])).toEqual(['attorney', 'police']);
    expect(needed({ a: approved, x: answer('a', 'not_given', '3') })).toEqual(['attorney', 'police']);
  });
});
