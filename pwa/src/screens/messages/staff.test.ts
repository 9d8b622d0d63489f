/** The sentences of program staff: complete, alike in both languages, and in the product's voice. */
import { describe, expect, test } from 'vitest';
import { ACT_REGISTERS, ASSESSMENT_ITEMS, CUSTODY, FIELDS, NEEDS, STATUSES } from '../../domain/fields.ts';
import { ANSWERS, GROUP_NAMES } from '../coordinator/assessment.ts';
import { CLOSINGS, DECISIONS, HANDOFFS, HOWS, RESULTS } from '../coordinator/codes.ts';
import { ASKED } from '../coordinator/rules.ts';
import { TOLD_GROUPS, TOLD_KINDS } from '../desk/history.ts';
import { en as administrationEn } from './administration.en.ts';
import { es as administrationEs } from './administration.es.ts';
import { en as coordinatorEn } from './coordinator.en.ts';
import { es as coordinatorEs } from './coordinator.es.ts';
import { en as deskEn } from './desk.en.ts';
import { es as deskEs } from './desk.es.ts';
import { en as shellEn } from './shell.en.ts';
import { en as staffEn } from './staff.en.ts';
import { es as staffEs } from './staff.es.ts';
import { en as rulesEn } from './staff_rules.en.ts';
import { es as rulesEs } from './staff_rules.es.ts';

const rooms: [string, Record<string, string>, Record<string, string>][] = [
  ['coordinator', coordinatorEn, coordinatorEs],
  ['desk', deskEn, deskEs],
  ['administration', administrationEn, administrationEs],
  ['staff', staffEn, staffEs],
  ['page of the rules', rulesEn, rulesEs],
];
const placeholders = (sentence: string): string[] => [...sentence.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).toSorted();

describe.each(rooms)('the %s’s sentences', (_, en, es) => {
  test('exist in both languages with the same placeholders', () => {
    expect(Object.keys(es).toSorted()).toEqual(Object.keys(en).toSorted());
    for (const key of Object.keys(en)) expect([key, ...placeholders(es[key]!)]).toEqual([key, ...placeholders(en[key]!)]);
  });

  test('are said calmly and put the person first', () => {
    const said = Object.values({ ...en }).concat(Object.values(es)).join('\n');
    expect(said).not.toMatch(/[!¡]/);
    expect(said).not.toMatch(/offender|suspect|addict|junkie|\bclean\b|relapse|failed test|drug test|delincuente|adicto|sospechoso|recaída/i);
    expect(Object.values(es).join('\n')).not.toMatch(/\b(tú|tienes|puedes|quieres|tuyo)\b/i);
  });

  test('share no key with the shell', () => {
    expect(Object.keys(en).filter((key) => key in shellEn)).toEqual([]);
  });
});

describe('every code has a word', () => {
  const has = (dictionary: Record<string, string>, kind: string, codes: readonly string[]): void =>
    expect(codes.filter((code) => dictionary[`${kind}_${code}`] === undefined)).toEqual([]);

  test('for the coordinator', () => {
    has(coordinatorEn, 'co_need', NEEDS);
    has(coordinatorEn, 'co_ask', ASSESSMENT_ITEMS);
    has(coordinatorEn, 'co_answer', ANSWERS);
    has(coordinatorEn, 'co_group', GROUP_NAMES);
    has(coordinatorEn, 'co_custody', CUSTODY);
    has(coordinatorEn, 'co_handoff', HANDOFFS);
    has(coordinatorEn, 'co_decision', DECISIONS);
    has(coordinatorEn, 'co_close', CLOSINGS);
    has(coordinatorEn, 'co_how', HOWS);
    has(coordinatorEn, 'co_result', RESULTS);
    has(coordinatorEn, 'co_about', ['weapon', 'medical', 'withdrawal', 'self_harm', 'other']);
    has(coordinatorEn, 'co_outcome', ['eligible', 'ineligible', 'needs_review']);
    has(coordinatorEn, 'co_pathway', ['arrest_diversion', 'social_contact', 'community']);
    has(coordinatorEn, 'co_reader', ['self', 'read_aloud', 'interpreter']);
    has(coordinatorEn, 'co_confirmed', ['yes', 'no', 'not_asked']);
    has(coordinatorEn, 'co_status', Object.keys(STATUSES));
    const fields = Object.keys(FIELDS).filter((key) => !/^(assessment\.|race_|ethnicity_|gender_)/.test(key));
    has(coordinatorEn, 'co_field', [...fields, ...Object.keys(ACT_REGISTERS).filter((key) => key !== 'origin')]);
  });

  test('for the rules', () => {
    const units = ['mg', 'cents', 'dosage_units', 'days', 'months', 'years', 'times'];
    const roles = ['officer', 'sergeant', 'coordinator', 'case_manager', 'supervisor', 'prosecutor', 'liaison', 'all_partners'];
    const verdicts = ['differs', 'unreadable_facts', 'unknown_pack', 'withdrawn_pack', 'not_in_force', 'no_pack', 'not_to_set_aside'];
    has(coordinatorEn, 'co_asked', ASKED);
    has(coordinatorEn, 'co_unit', units);
    has(coordinatorEn, 'co_tier', ['bars', 'presumed_out', 'warn', 'ask_coordinator']);
    has(staffEn, 'staff_check', verdicts);
    has(staffEn, 'staff_outcome', ['eligible', 'ineligible', 'needs_review']);
    has(rulesEn, 'rules_by', roles);
    has(rulesEn, 'rules_knows', ['officer', 'participant', 'coordinator', 'record']);
    has(rulesEn, 'rules_who', ['officer', 'partner', 'provider', 'community_member', 'family_or_friend', 'self']);
    has(rulesEn, 'rules_part', ['head', 'pathway', 'charge', 'rule', 'question', 'approval', 'practice']);
  });

  test('for the desk', () => {
    has(deskEn, 'desk_group', TOLD_GROUPS);
    has(deskEn, 'desk_decision', DECISIONS);
    has(deskEn, 'desk_did', TOLD_KINDS.map((kind) => kind.replace('.', '_')));
  });
});
