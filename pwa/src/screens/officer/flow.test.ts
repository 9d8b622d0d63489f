/** The way from offer to alert, on Denver's own rules. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PackDocument } from '../../rules/model.ts';
import { emptyBody, isExpired, read, sameStop, SHIFT_HOURS, type Body } from './body.ts';
import {
  answer, conditionsOf, factsOf, findCharges, firstStep, judge, mainReason, outcomeOf, question, sentenceOf, stepAfter, stepBefore, toAsk, toggleCharge,
} from './flow.ts';

const packs = new URL('../../../../tests/vectors/eligibility/packs.json', import.meta.url);
const denver = (JSON.parse(readFileSync(packs, 'utf8')) as Record<string, PackDocument>)['denver']!;
const pack = denver.document;

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

  it('ask only what an officer can answer', () => {
    expect(conditionsOf(['possession_dm1', 'possession_df4', 'shoplifting'], pack)).toEqual(['intent_to_distribute', 'restitution_owed']);
    const asked = { ...pack, facts: pack.facts.map((fact) => ({ ...fact, asked_of: 'participant' as const })) };
    expect(conditionsOf(['shoplifting'], asked)).toEqual([]);
  });

  it('that a newer pack no longer lists count as not on the list', () => {
    expect(factsOf(arrest({ charges: ['jaywalking', 'loitering'] }), pack)).toEqual({ charges: ['unlisted'] });
    expect(factsOf(arrest(), pack)).toEqual({});
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
    expect([firstStep('arrest_diversion'), firstStep('social_contact')]).toEqual(['charge', 'questions']);
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

describe('a draft', () => {
  const draft = { draft_id: 'd', referral_id: 'r', updated_at: '2026-11-21T02:10:00.000Z', body: arrest() };
  const later = (hours: number): number => Date.parse(draft.updated_at) + hours * 3_600_000;

  it('of an older version is read with every part present', () => {
    const old = read({ ...draft, body: { pathway: 'social_contact', consent: { method: 'camera' } } });
    expect(old.body).toMatchObject({ asked: [], safety: [], consent: { method: 'camera', reader: 'read_aloud', witness: '' } });
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
