import { describe, expect, test } from 'vitest';
import type { Payloads } from '../../domain/operation.ts';
import { FOUND, PACK } from './pack.fixture.ts';
import { ANA, OFFICER, OLGA, alerted, created, did, referral, type Done } from './referral.fixture.ts';
import { factsKnown, groupsToAsk, hindrances, intakeDue, judge, type Judged } from './rules.ts';
import { differenceOf, isTheirs, told, waitingFor } from './said.ts';

const ZONE = 'America/Denver';
const OTHERS = { adult: true, violence: false };

const set = (by: string, at: number, fields: Payloads['referral.set']['fields']) => did(by, at, 'referral.set', { fields });
const facts = (said: Record<string, boolean | string | null>) => set(OFFICER, 2, { incident_at: '2026-04-30T04:00:00Z', facts: said });
const review = (said: Record<string, boolean | string | null>) => set(ANA, 10, { review_facts: said });

const known = (...acts: Done[]) => referral('r', [created(), alerted(), ...acts]);

function judged(...acts: Done[]): Judged {
  const found = judge(known(...acts), FOUND, ZONE);
  if (found === null) throw new Error('The pack could not read the facts.');
  return found;
}

const override = (how: 'self' | 'phone' = 'self') =>
  did(how === 'self' ? ANA : OFFICER, 5, 'override.add', {
    rule: 'peaceful', reason: 'It was long ago', by_name: how === 'self' ? null : 'Ana', by_role: 'coordinator', how, given_at: '2026-04-30T02:05:00Z',
  });

describe('what is known', () => {
  test('comes from officer, coordinator and record together', () => {
    const record = known(facts({ adult: true }), review({ lives_here: true }), set(OFFICER, 3, { birth_date: '1990-01-01' }));
    expect(factsKnown(record, PACK, ZONE)).toMatchObject({ adult: true, lives_here: true, birth_date: '1990-01-01' });
  });

  test('has the day of the incident where the program is', () => {
    expect(factsKnown(known(facts({})), PACK, ZONE)).toMatchObject({ incident_date: '2026-04-29' });
    expect(factsKnown(known(facts({})), PACK, 'UTC')).toMatchObject({ incident_date: '2026-04-30' });
  });

  test('is not displaced by a later “don’t know”, but by a later answer', () => {
    expect(factsKnown(known(facts({ violence: true }), review({ violence: null })), PACK, ZONE)).toMatchObject({ violence: true });
    expect(factsKnown(known(facts({ violence: null }), review({ violence: false })), PACK, ZONE)).toMatchObject({ violence: false });
  });

  test('holds nothing of the record that the pack does not read', () => {
    expect(factsKnown(known(facts({}), set(OFFICER, 3, { age_years: 40 })), PACK, ZONE)).not.toHaveProperty('age_years');
  });
});

describe('the outcome', () => {
  test('is open until everything is known', () => {
    expect(judged(facts(OTHERS)).outcome).toBe('needs_review');
    expect(judged(facts(OTHERS), review({ lives_here: true, on_roster: false })).outcome).toBe('eligible');
    expect(judged(facts(OTHERS), review({ lives_here: false })).outcome).toBe('ineligible');
  });

  test('goes by the date of birth once it is known', () => {
    const rest = review({ lives_here: true, on_roster: false });
    expect(judged(facts(OTHERS), rest, set(OFFICER, 3, { birth_date: '2008-04-29' })).outcome).toBe('eligible');
    expect(judged(facts(OTHERS), rest, set(OFFICER, 3, { birth_date: '2008-04-30' })).outcome).toBe('ineligible');
  });

  test('changes where a rule is set aside, which still stands among the reasons', () => {
    const rest = [facts({ adult: true, violence: true }), review({ lives_here: true, on_roster: false })];
    expect(judged(...rest).outcome).toBe('needs_review');
    const aside = judged(...rest, override());
    expect(aside.outcome).toBe('eligible');
    expect(aside.reasons.find(({ rule }) => rule === 'peaceful')?.answer).toBe('no');
    expect(hindrances(PACK, aside).map(({ aside: by }) => by?.entry.payload.how)).toEqual(['self']);
  });

  test('does not change by somebody who says that they did not set it aside', () => {
    const rest = [facts({ adult: true, violence: true }), review({ lives_here: true, on_roster: false }), override('phone')];
    expect(judged(...rest).outcome).toBe('eligible');
    const denied = did(ANA, 12, 'approval.confirm', { entry: 'r-4', answer: 'not_given' });
    expect(judged(...rest, denied).outcome).toBe('needs_review');
  });

  test('does not lift a rule that bars', () => {
    const rule = { ...override().payload, rule: 'resident' };
    expect(judged(facts(OTHERS), review({ lives_here: false }), did(ANA, 11, 'override.add', rule)).outcome).toBe('ineligible');
  });

  test('does not change by a role that the rule does not name', () => {
    const rest = [facts({ adult: true, violence: true }), review({ lives_here: true, on_roster: false })];
    const own = { ...override().payload, by_role: 'officer' as const };
    const said = did(OFFICER, 5, 'override.add', own);
    expect(judged(...rest, said).outcome).toBe('needs_review');
    expect(judged(...rest, said, override()).outcome).toBe('eligible');
    const barring = did(OFFICER, 6, 'override.add', { ...override().payload, rule: 'resident' });
    const words = told(known(...rest, said, override(), barring).state);
    expect(words.map((word) => [word.of, word.entry.payload.by_role, isTheirs(word, PACK)])).toEqual([
      ['peaceful', 'officer', false],
      ['peaceful', 'coordinator', true],
      ['resident', 'coordinator', false],
    ]);
  });

  test('is nobody’s where the pack cannot read what was answered, or has no such pathway', () => {
    expect(judge(known(facts({ violence: 'much' })), FOUND, ZONE)).toBeNull();
    expect(judge(referral('r', [created(ANA, 0, 'community', null)]), FOUND, ZONE)).toBeNull();
  });
});

describe('what is still to ask', () => {
  const groups = (...acts: Done[]) =>
    groupsToAsk(known(...acts), PACK, judged(...acts)).map(({ asked, facts: all, answered }) => [asked, all.map(({ id }) => id).join(), answered]);

  test('stands by who can know it, and what the officer left open is among it', () => {
    expect(groups(facts({ adult: true, violence: null }))).toEqual([
      ['coordinator', 'on_roster', 0],
      ['participant', 'lives_here', 0],
      ['officer', 'violence', 0],
    ]);
  });

  test('keeps what was answered here, so that it can be changed', () => {
    expect(groups(facts(OTHERS), review({ lives_here: true }))).toEqual([
      ['coordinator', 'on_roster', 0],
      ['participant', 'lives_here', 1],
    ]);
  });

  test('is nothing about a rule that is set aside', () => {
    expect(groups(facts({ adult: true, violence: true }), override())).toEqual([
      ['coordinator', 'on_roster', 0],
      ['participant', 'lives_here', 0],
    ]);
  });
});

describe('the full intake', () => {
  test('is due so many days after the day of the incident where the program is', () => {
    expect(intakeDue(known(facts({})), PACK, ZONE)).toBe('2026-05-29');
    expect(intakeDue(known(facts({})), PACK, 'UTC')).toBe('2026-05-30');
  });

  test('has no day without an incident or without a deadline', () => {
    expect(intakeDue(known(), PACK, ZONE)).toBeUndefined();
    const open = { ...PACK, practice: { ...PACK.practice, intake: null } };
    expect(intakeDue(known(facts({})), open, ZONE)).toBeUndefined();
  });
});

describe('what others said', () => {
  const check = (verdict: Payloads['determination.check']['verdict']) =>
    ({ ...known(), state: { ...known().state, registers: { check: { value: { verdict, outcome: null, pack: null, of: 'x' } } } } }) as unknown as ReturnType<typeof known>;

  test('is a difference unless the server agrees', () => {
    expect(differenceOf(known())).toBeUndefined();
    expect(differenceOf(check('agrees'))).toBeUndefined();
    expect(differenceOf(check('withdrawn_pack'))?.verdict).toBe('withdrawn_pack');
  });

  const approval = (at: number, by_role: Payloads['approval.add']['by_role'], by = OFFICER) =>
    did(by, at, 'approval.add', { approval: 'sergeant_agrees', by_name: 'Cedar', by_role, how: 'radio', given_at: `2026-04-30T02:${10 + at}:00Z` });

  test('waits for the role that was named, the oldest first, until it is answered', () => {
    const [one, other] = [referral('a', [created(), approval(9, 'sergeant')]), referral('b', [created(), approval(2, 'sergeant')])];
    const answered = referral('c', [created(), approval(1, 'sergeant'), did(OLGA, 3, 'approval.confirm', { entry: 'c-1', answer: 'confirmed' })]);
    const all = [one, other, answered];
    expect(waitingFor(all, 'sergeant', 'cedar').map(({ record }) => record.id)).toEqual(['b', 'a']);
    expect(waitingFor(all, 'prosecutor', 'someone')).toEqual([]);
    expect(waitingFor([referral('d', [created(), approval(1, 'liaison')])], 'supervisor', OLGA)).toHaveLength(1);
  });

  test('never waits for whoever wrote it down', () => {
    const own = referral('a', [created(), approval(1, 'coordinator', ANA)]);
    expect(waitingFor([own], 'coordinator', ANA)).toEqual([]);
    expect(waitingFor([own], 'coordinator', 'ben')).toHaveLength(1);
  });
});
