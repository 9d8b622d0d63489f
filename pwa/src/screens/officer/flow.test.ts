/** The way from offer to alert, on Denver's own rules. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Pack, PackDocument } from '../../rules/model.ts';
import { emptyBody, isExpired, NO_WORD, read, sameStop, SHIFT_HOURS, type Body, type Step } from './body.ts';
import * as flow from './flow.ts';
import { answer, begin, condition, conditionsOf, decidesAtAlert, findCharges, mainReason, offered, outcomeOf, sentenceOf, stillOpen, toggleCharge } from './flow.ts';

const packs = new URL('../../../../tests/vectors/eligibility/packs.json', import.meta.url);
const denver = (JSON.parse(readFileSync(packs, 'utf8')) as Record<string, PackDocument>)['denver']!;
const pack = denver.document;

const DAYS: flow.Days = { incident_date: '2026-11-20', referral_date: '2026-11-21' };
const judge = (body: Body, rules: PackDocument | null) => flow.judge(body, rules, DAYS);
const toAsk = (body: Body, rules: PackDocument | null) => flow.toAsk(body, rules, DAYS);
const question = (body: Body, rules: PackDocument | null) => flow.question(body, rules, DAYS);
const factsOf = (body: Body, rules: Pack) => flow.factsOf(body, rules, DAYS);
const stepAfter = (step: Step, body: Body, rules: PackDocument | null) => flow.stepAfter(step, body, rules, DAYS);
const stepBefore = (step: Step, body: Body, rules: PackDocument | null = denver) => flow.stepBefore(step, body, rules);
/** Denver's rules with another practice. */
const practising = (patch: Partial<Pack['practice']>): PackDocument => ({ hash: 'other', document: { ...pack, practice: { ...pack.practice, ...patch } } });

const arrest = (patch: Partial<Body> = {}): Body => ({ ...emptyBody('arrest_diversion', '2026-11-21T02:10:00.000Z'), ...patch });
const answered = (body: Body, ...values: (boolean | null)[]): Body =>
  values.reduce<Body>((present, value) => ({ ...present, ...answer(present, question(present, denver)!.fact.id, value) }), body);
const possession = { charges: ['possession_dm1'], facts: { intent_to_distribute: false } };

describe('charges', () => {
  it('are listed most used first', () => {
    const orders = findCharges(pack, '').map(({ order }) => order);
    expect(orders).toEqual(orders.toSorted((a, b) => a - b));
    expect(orders.length).toBe(pack.charges.length);
  });

  it('are found by words in either language, without accents or case, and by class', () => {
    expect(findCharges(pack, 'POSESION').map(({ code }) => code)).toEqual(['possession_dm1', 'possession_df4']);
    expect(findCharges(pack, 'substance df4').map(({ code }) => code)).toEqual(['possession_df4']);
    expect(findCharges(pack, 'murder')).toEqual([]);
  });

  it('take the answers under them along when they are unticked', () => {
    const body = arrest({ charges: ['possession_dm1', 'trespassing'], facts: { intent_to_distribute: true, adult: true } });
    expect(toggleCharge(body, 'possession_dm1', pack)).toMatchObject({ charges: ['trespassing'], facts: { adult: true } });
  });

  it('keep an answer that another chosen charge asks as well', () => {
    const body = arrest({ charges: ['possession_dm1', 'possession_df4'], facts: { intent_to_distribute: false } });
    expect(toggleCharge(body, 'possession_dm1', pack).facts).toEqual({ intent_to_distribute: false });
  });

  it('forget an answer under them once what stands there is none', () => {
    const body = arrest({ facts: { amount_mg: 5999, adult: true } });
    expect(condition(body, 'amount_mg', undefined).facts).toEqual({ adult: true });
    expect(condition(body, 'amount_mg', null).facts).toEqual({ adult: true, amount_mg: null });
  });

  it('ask only what an officer can answer', () => {
    expect(conditionsOf(['possession_dm1', 'possession_df4', 'shoplifting'], pack)).toEqual(['intent_to_distribute', 'restitution_owed']);
    const asked = { ...pack, facts: pack.facts.map((fact) => ({ ...fact, asked_of: 'participant' as const })) };
    expect(conditionsOf(['shoplifting'], asked)).toEqual([]);
  });

  it('that a newer pack no longer lists count as not on the list', () => {
    expect(factsOf(arrest({ charges: ['jaywalking', 'loitering'] }), pack)['charges']).toEqual(['unlisted']);
    expect(factsOf(arrest(), pack)).not.toHaveProperty('charges');
  });
});

describe('questions', () => {
  it('are only those that can still change the result', () => {
    expect(toAsk(arrest(possession), denver).toSorted()).toEqual(['adult', 'contact_order_known', 'treatment_court_case']);
    expect(toAsk(arrest({ ...possession, facts: { ...possession.facts, adult: false } }), denver)).toEqual([]);
  });

  it('never include the charges, which have their own step', () => {
    expect(toAsk(arrest(), denver)).not.toContain('charges');
  });

  it('move on with each answer, and are over when nothing is left', () => {
    const first = question(arrest(possession), denver)!;
    expect([first.number, first.at_most, first.answered]).toEqual([1, 3, false]);
    const one = answered(arrest(possession), true);
    expect(question(one, denver)!.number).toBe(2);
    expect(question(answered(one, false, false), denver)).toBeNull();
  });

  it("are not put again after don't know", () => {
    const all = answered(arrest(possession), null, null, null);
    expect(question(all, denver)).toBeNull();
    expect(outcomeOf(judge(all, denver))).toBe('needs_review');
  });

  it('show the given answer on the way back, and lose nothing', () => {
    const all = answered(arrest(possession), true, false, false);
    const back = question({ ...all, at: 2 }, denver)!;
    expect([back.answered, back.number]).toEqual([true, 3]);
    const changed = { ...all, ...answer({ ...all, at: 0 }, all.asked[0]!, null) };
    expect(changed.asked).toEqual(all.asked);
    expect(changed.at).toBe(1);
  });

  it('drop an answer of which the pack knows nothing, instead of failing', () => {
    expect(judge(arrest({ ...possession, facts: { ...possession.facts, of_an_old_pack: true } }), denver)).not.toBeNull();
    expect(judge(arrest({ ...possession, facts: { adult: 'perhaps' } }), denver)).toBeNull();
  });
});

describe('the result', () => {
  const eligible = answered(arrest(possession), true, false, false);

  it('is eligible so far when nothing stands against it', () => {
    expect(outcomeOf(judge(eligible, denver))).toBe('eligible');
    expect(mainReason(judge(eligible, denver), pack)?.en).toContain('coordinator checks');
  });

  it('gives the rule that bars as its one reason', () => {
    const barred = arrest({ ...possession, facts: { intent_to_distribute: true } });
    expect(outcomeOf(judge(barred, denver))).toBe('ineligible');
    expect(mainReason(judge(barred, denver), pack)?.en).toContain('without intent to distribute');
  });

  it('is for the coordinator to confirm without a pack, or on a pathway that the pack lacks', () => {
    const without = { ...denver, document: { ...pack, pathways: {} } };
    expect(outcomeOf(judge(eligible, null))).toBe('needs_review');
    expect(outcomeOf(judge(eligible, without))).toBe('needs_review');
    expect(mainReason(null, null)).toBeNull();
  });

  it('explains an open rule by what is to be confirmed and a failed one by why', () => {
    const reasons = judge(arrest({ ...possession, facts: { intent_to_distribute: false, adult: true } }), denver)!.reasons;
    const open = reasons.find(({ rule }) => rule === 'no_treatment_court')!;
    expect(sentenceOf(open, pack)?.text.en).toContain('not known yet');
    expect(sentenceOf({ ...open, answer: 'no' }, pack)?.text.en).toContain('has a pending');
  });
});

describe('steps', () => {
  it('begin with the charge for an arrest and with the questions for a social contact', () => {
    expect([begin('arrest_diversion', '', denver).step, begin('social_contact', '', denver).step]).toEqual(['charge', 'questions']);
    expect(begin('arrest_diversion', '', null)).toMatchObject({ step: 'charge', pack: null });
  });

  it('pass over questions when none is left, and lead to the alert', () => {
    const done = answered(arrest(possession), true, false, false);
    expect(stepAfter('charge', arrest(possession), denver)).toBe('questions');
    expect(stepAfter('charge', done, denver)).toBe('result');
    expect(stepAfter('charge', arrest(), null)).toBe('result');
    expect(stepAfter('result', done, denver)).toBe('offer');
    expect(stepAfter('offer', done, denver)).toBe('agreed');
    expect(stepAfter('agreed', done, denver)).toBe('alert');
    expect(stepAfter('alert', done, denver)).toBeNull();
  });

  it('go back the same way, and from the first one home', () => {
    const done = answered(arrest(possession), true, false, false);
    expect(stepBefore('result', done)).toBe('questions');
    expect(stepBefore('result', arrest())).toBe('charge');
    expect(stepBefore('charge', done)).toBeNull();
    expect(stepBefore('questions', emptyBody('social_contact', ''))).toBeNull();
  });

  it('begin with the decision where the program leaves it to the officer before anything else, for an arrest alone', () => {
    const valley = practising({ officer_decides: 'first' });
    expect([begin('arrest_diversion', '', valley).step, begin('social_contact', '', valley).step]).toEqual(['decide', 'questions']);
    expect(stepAfter('decide', arrest(), valley)).toBe('charge');
    expect(stepBefore('charge', arrest(), valley)).toBe('decide');
    expect(begin('arrest_diversion', '', valley).pack).toBe('other');
  });

  it('leave the decision to the alert where the program wants consent first, for an arrest alone', () => {
    expect(decidesAtAlert(arrest(), denver)).toBe(true);
    expect(decidesAtAlert(emptyBody('social_contact', ''), denver)).toBe(false);
    expect(decidesAtAlert(arrest(), practising({ officer_decides: 'after_check' }))).toBe(false);
    expect(decidesAtAlert(arrest(), null)).toBe(false);
  });

  it('ask everybody who has to agree before the offer, one after the other', () => {
    const approval = { by: 'prosecutor', when: 'before_offer', applies_to: ['arrest_diversion'], text: { en: '', es: '' }, cite: '' } as const;
    const two = practising({ approvals: [{ ...approval, id: 'one' }, { ...approval, id: 'two' }, { ...approval, id: 'later', when: 'after' }] });
    const given = { ...NO_WORD, state: 'given' } as const;
    const open = { ...NO_WORD, state: 'open' } as const;
    expect(stepAfter('result', arrest(), two)).toBe('approval');
    expect(stepAfter('approval', arrest({ approvals: { one: given } }), two)).toBe('approval');
    expect(stepAfter('approval', arrest({ approvals: { one: given, two: open } }), two)).toBe('offer');
    expect(stepBefore('offer', arrest({ approvals: { one: given, two: open } }), two)).toBe('approval');
    expect(stepAfter('result', emptyBody('social_contact', ''), two)).toBe('offer');
    expect(stepBefore('offer', arrest(), denver)).toBe('result');
  });

  it('take at most 15 taps and typed fields from home to the alert, for a typical arrest', () => {
    const home = 1;
    const charge = 1 + conditionsOf(possession.charges, pack).length + 1;
    const questions = toAsk(arrest(possession), denver).length;
    const result = 1;
    const agrees = 1;
    const method_proof_continue = 3;
    const place_wait_alert = 3;
    expect(home + charge + questions + result + agrees + method_proof_continue + place_wait_alert).toBeLessThanOrEqual(15);
  });
});

describe('the facts that are judged and sent', () => {
  const all: Body['facts'] = { adult: true, birth_date: '1990-01-01', age_years: 36, contact_order_with_participant: true };

  it('are what the officer answered and the days of the record, never who the person is or what others know', () => {
    expect(factsOf(arrest({ facts: all }), pack)).toEqual({ adult: true, incident_date: '2026-11-20' });
  });

  it('hold the day of the referral where the rules look at it', () => {
    const dated = { ...pack, facts: pack.facts.map((fact) => (fact.id === 'incident_date' ? { ...fact, id: 'referral_date' } : fact)) };
    expect(factsOf(arrest(), dated)).toEqual({ referral_date: '2026-11-21' });
  });
});

describe('what is still open', () => {
  it('names who can know it, and leaves the record to the coordinator', () => {
    const unsure = arrest({ ...possession, facts: { ...possession.facts, adult: null, treatment_court_case: false, contact_order_known: null } });
    const open = stillOpen(judge(unsure, denver)!, pack).map(({ whom, facts }) => [whom, facts.map(({ id }) => id)]);
    expect(open).toEqual([['officer', ['adult', 'contact_order_known']], ['coordinator', ['birth_date', 'contact_order_with_participant']]]);
  });

  it('is nothing when the outcome is settled', () => {
    expect(stillOpen(judge(arrest({ ...possession, facts: { intent_to_distribute: true } }), denver)!, pack)).toEqual([]);
  });
});

describe('what may be begun here', () => {
  const both = ['arrest_diversion', 'social_contact', 'community'];
  const only = { ...denver, document: { ...pack, pathways: { arrest_diversion: ['officer'] } as Pack['pathways'] } };

  it('is what the program takes, and its rules let an officer refer on', () => {
    expect(offered(both, denver, 'officer')).toEqual(['arrest_diversion', 'social_contact']);
    expect(offered(['social_contact'], denver, 'officer')).toEqual(['social_contact']);
    expect(offered(both, only, 'officer')).toEqual(['arrest_diversion']);
    expect(offered(both, null, 'officer')).toEqual(['arrest_diversion', 'social_contact']);
  });

  it('is a social contact at most for a partner, where the rules admit one', () => {
    expect([offered(both, denver, 'partner'), offered(both, only, 'partner')]).toEqual([['social_contact'], []]);
  });
});

describe('a draft', () => {
  const draft = { draft_id: 'd', referral_id: 'r', updated_at: '2026-11-21T02:10:00.000Z', body: arrest() };
  const later = (hours: number): number => Date.parse(draft.updated_at) + hours * 3_600_000;

  it('of an older version is read with every part present', () => {
    const old = read({ ...draft, body: { pathway: 'social_contact', consent: { method: 'camera' } } });
    expect([read({ ...draft, body: {} }, 'p1').body.pack, read({ ...draft, body: { pack: 'p0' } }, 'p1').body.pack]).toEqual(['p1', 'p0']);
    expect(old.body).toMatchObject({ approvals: {}, overrides: {}, asked: [], safety: [], consent: { method: 'camera', reader: 'read_aloud', witness: '' } });
  });

  it('without a yes is erased when it has rested for a shift, not before', () => {
    expect(isExpired(draft, later(SHIFT_HOURS))).toBe(false);
    expect(isExpired(draft, later(SHIFT_HOURS) + 1)).toBe(true);
  });

  it('with a yes, or with details of a referral, is never erased', () => {
    expect(isExpired({ ...draft, body: arrest({ agreed: true }) }, later(1000))).toBe(false);
    expect(isExpired({ ...draft, body: arrest({ details_of: 'r' }) }, later(1000))).toBe(false);
  });

  it('for another person at the same stop copies the stop and nobody', () => {
    const fields = { place: 'Colfax and Main', case_number: '26-1', charges: ['trespassing'], name: 'Ana', card_number: '7', facts: null };
    const copy = sameStop(fields, 'arrest_diversion', '2026-11-21T02:30:00.000Z');
    expect(copy.charges).toEqual(['trespassing']);
    expect(copy.fields).toEqual({ place: 'Colfax and Main', case_number: '26-1' });
    expect([copy.agreed, copy.facts]).toEqual([false, {}]);
  });
});
