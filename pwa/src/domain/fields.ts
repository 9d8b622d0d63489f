/**
 * The fields of a referral: group, owner and length limit of each, the twin of `sync/fields.py`.
 *
 * Answers for the vocabulary; `tests/vectors/sync/fields.json` holds it equal to the server's. There is deliberately no
 * field for informant material, immigration status, criminal-history text or drug-test results.
 */
export const GROUPS = [
  'origin', 'case', 'circumstances', 'place', 'identity', 'needs', 'demographics', 'safety', 'notes', 'contacts',
  'consent', 'release', 'status', 'holder', 'decision', 'assessment', 'approvals', 'merging',
] as const;
export type Group = (typeof GROUPS)[number];
export type Role =
  | 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor'
  | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';

export const NEEDS = [
  'naloxone', 'withdrawal', 'medical', 'mental_health', 'shelter', 'housing', 'food', 'clothing', 'identification',
  'phone', 'transport', 'treatment', 'medication', 'legal', 'work', 'family_safety',
] as const;
export type Need = (typeof NEEDS)[number];
export const CUSTODY = ['not_in_custody', 'detained', 'in_custody', 'released'] as const;
export const BASIS = ['record', 'direct_observation', 'credible_source'] as const;
export const THREE_STATES = ['yes', 'no', 'unknown'] as const;
/** Facts of a rule pack that say who the person is: never in `facts`, which police and supervisors read. */
export const IDENTITY_FACTS = ['birth_date', 'age_years'] as const;
export type ThreeState = (typeof THREE_STATES)[number];

/** Dominance of a status among concurrent ones; one that saw the present one replaces it whatever its rank. */
export const STATUSES = {
  submitted: 10,
  acknowledged: 20,
  not_met: 30,
  deferred: 30,
  handed_off: 40,
  closed: 60,
} as const;
export type Status = keyof typeof STATUSES;

export const ASSESSMENT_ITEMS = [
  'overdose', 'withdrawal', 'medical', 'suicide', 'violence', 'naloxone', 'substances', 'mental_health', 'sleeping',
  'food_clothing', 'identification_phone', 'transport', 'court', 'income', 'children_pets_partner',
  'language_disability', 'providers', 'first_want', 'best_place_time',
] as const;
export type AssessmentItem = (typeof ASSESSMENT_ITEMS)[number];
export const ASSESSMENT_ANSWERS = ['yes', 'no', 'unknown', 'not_asked', 'prefers_not'] as const;

/** Whom a release of information may name, and what it may name. */
export const RECIPIENTS = ['prosecutor', 'defense', 'court', 'provider', 'probation', 'other'] as const;
export const INFORMATION = ['intake', 'enrolled', 'status'] as const;

/** What no input may let a person exceed; the server would refuse the whole operation. In characters where text. */
export const LIMITS = {
  text: 300,
  long_text: 4000,
  note: 16_000,
  list: 24,
  facts: 64,
  wait_minutes: 1440,
  strokes: 12_000,
  payload_bytes: 65_536,
  base_devices: 64,
  release_days: 731,
  saw: 64,
} as const;

/** The owner's concurrent value wins; `limit` is the longest value in characters, for a field that is one text. */
type Field = readonly [group: Group, owner: Role | null, limit?: number];

const OWN_FIELDS = {
  incident_at: ['case', 'officer'],
  case_number: ['case', 'officer', 60],
  charges: ['case', 'officer'],
  due_on: ['case', 'officer'],
  facts: ['circumstances', 'officer'],
  determination: ['circumstances', 'officer'],
  custody: ['circumstances', 'officer'],
  paperwork_held: ['circumstances', 'officer'],
  property_held: ['circumstances', 'officer', 300],
  basis: ['circumstances', 'officer'],
  last_conduct_on: ['circumstances', 'officer'],
  within_area: ['circumstances', 'officer'],
  unit: ['case', 'officer', 60],
  place: ['place', 'officer', 300],
  gps: ['place', 'officer'],
  wait_minutes: ['place', 'officer'],
  callback: ['place', 'officer', 40],
  name: ['identity', null, 120],
  alias: ['identity', null, 120],
  birth_date: ['identity', null],
  age_years: ['identity', null],
  language: ['identity', null, 60],
  contact: ['identity', null, 500],
  safe_to_contact: ['identity', null, 300],
  card_number: ['identity', 'officer', 40],
  needs: ['needs', 'coordinator'],
  race_self: ['demographics', null, 60],
  race_observed: ['demographics', 'officer', 60],
  ethnicity_self: ['demographics', null, 60],
  ethnicity_observed: ['demographics', 'officer', 60],
  gender_self: ['demographics', null, 60],
  gender_observed: ['demographics', 'officer', 60],
  referrer_name: ['identity', 'partner', 120],
  referrer_relation: ['identity', 'partner', 60],
  person_knows: ['identity', 'partner'],
  review_facts: ['assessment', 'coordinator'],
  intake_on: ['assessment', 'coordinator'],
} as const satisfies Record<string, Field>;
export type FieldKey = keyof typeof OWN_FIELDS | `assessment.${AssessmentItem}`;

const assessed = ASSESSMENT_ITEMS.map((item) => [`assessment.${item}`, ['assessment', 'coordinator']]);
export const FIELDS: Readonly<Record<FieldKey, Field>> = { ...OWN_FIELDS, ...Object.fromEntries(assessed) };

/** Registers written by acts (alert, acknowledge, hand-off…) rather than by `referral.set`. */
export const ACT_REGISTERS: { readonly [key: string]: Group } = {
  origin: 'origin',
  status: 'status',
  departure: 'status',
  holder: 'holder',
  handoff: 'holder',
  decision: 'decision',
  accepted: 'decision',
  closure: 'decision',
  check: 'decision',
  confirmation: 'consent',
  merged_into: 'merging',
};

/** The group of a register; throws for one that does not exist. */
export function groupOf(key: string): Group {
  if (Object.hasOwn(FIELDS, key)) return FIELDS[key as FieldKey][0];
  const group = Object.hasOwn(ACT_REGISTERS, key) ? ACT_REGISTERS[key] : undefined;
  if (group === undefined) throw new RangeError(`${key}: there is no such field.`);
  return group;
}
