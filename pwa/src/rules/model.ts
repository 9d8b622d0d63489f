/**
 * What a rule pack and a determination look like on the wire: the twin of `eligibility_rules/model.py`.
 *
 * Answers for types alone. The server has checked a pack before it sends it, and sends its hash beside it, so the phone
 * neither checks nor hashes one.
 */

export type Pathway = 'arrest_diversion' | 'social_contact' | 'community';
export type Referrer = 'officer' | 'partner' | 'provider' | 'community_member' | 'family_or_friend' | 'self';
export type Tier = 'bars' | 'presumed_out' | 'warn' | 'ask_coordinator';
export type Role = 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'prosecutor';
export type FactType = 'bool' | 'int' | 'enum' | 'date' | 'event' | 'code_list';
export type AskedOf = 'officer' | 'participant' | 'coordinator' | 'record';
export type Unit = 'mg' | 'cents' | 'dosage_units' | 'days' | 'months' | 'years' | 'times';
export type Operator =
  | 'is'
  | 'is_not'
  | 'less_than'
  | 'at_most'
  | 'at_least'
  | 'more_than'
  | 'before'
  | 'on_or_before'
  | 'on_or_after'
  | 'after'
  | 'in'
  | 'not_in'
  | 'any_in'
  | 'none_in'
  | 'all_in';

/** The code an officer chooses when the charge is not on the program's list. */
export const UNLISTED = 'unlisted';

/** One sentence for people, in both languages. */
export interface Text {
  readonly en: string;
  readonly es: string;
}

/** What an `event` is when it has not happened: longer ago than any day. */
export const NEVER = 'never';

/** The day so long before the day named by a fact. */
export type LookBack = ({ readonly years: number } | { readonly months: number } | { readonly days: number }) & { readonly before: string };
export type Value = boolean | number | string | readonly string[] | LookBack;
export type Comparison = readonly [fact: string, operator: Operator, value: Value];
export type Condition =
  | Comparison
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly first_known: readonly Condition[] };

/** A charge on the program's list: `order` 1 is shown first; `conditions` are facts asked under the charge. */
export interface Charge {
  readonly code: string;
  readonly level: 'state' | 'county' | 'municipal' | 'not_stated';
  readonly class: string | null;
  readonly statute: string | null;
  readonly title: Text;
  readonly cite: string;
  readonly order: number;
  readonly conditions: readonly string[];
}

/** One value that an enum or a list may take, in words. */
export interface ValueInWords extends Text {
  readonly code: string;
}

/**
 * Something that somebody may know; `record` facts are filled in from the referral. A `code_list` without `values` lists
 * charges, or `unlisted`.
 */
export interface Fact {
  readonly id: string;
  readonly type: FactType;
  readonly unit: Unit | null;
  readonly values: readonly ValueInWords[];
  readonly question: Text;
  readonly asked_of: AskedOf;
}

/** Where `when` holds (always, if null), `must` has to. `why` is shown when it does not, `confirm` while that is unknown. */
export interface Rule {
  readonly id: string;
  readonly applies_to: readonly Pathway[];
  readonly when: Condition | null;
  readonly must: Condition;
  readonly tier: Tier;
  readonly override_by: Role | null;
  readonly cite: string;
  readonly why: Text;
  readonly confirm: Text;
}

/** Somebody besides the officer who has to agree, and when. */
export interface Approval {
  readonly id: string;
  readonly by: 'sergeant' | 'liaison' | 'coordinator' | 'prosecutor' | 'all_partners';
  readonly when: 'before_offer' | 'before_handoff' | 'after';
  readonly applies_to: readonly Pathway[];
  readonly text: Text;
  readonly cite: string;
}

/** Local wall-clock hours, HH:MM; `until` before `from` means the next day. */
export interface Hours {
  readonly days: readonly ('mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun')[];
  readonly from: string;
  readonly until: string;
}

/** How the program works around its rules. */
export interface Practice {
  readonly officer_decides: 'first' | 'after_check' | 'after_consent';
  readonly approvals: readonly Approval[];
  readonly intake: { readonly days: number; readonly if_missed: Text; readonly cite: string } | null;
  readonly notice_to_officer: 'never' | 'intake_not_completed';
  readonly service_hours: 'always' | 'not_stated' | readonly Hours[];
  readonly languages: readonly ('en' | 'es')[];
  readonly consent_scripts: readonly string[];
}

/** One program's rules, in force on both days named and between; null: until replaced. Dates are YYYY-MM-DD. */
export interface Pack {
  readonly program: string;
  readonly version: string;
  readonly effective_from: string;
  readonly effective_until: string | null;
  readonly source: string;
  readonly official: boolean;
  readonly unverified: readonly Text[];
  readonly practice: Practice;
  readonly pathways: { readonly [pathway in Pathway]?: readonly Referrer[] };
  /** Said to whoever may not refer. */
  readonly way_on: Text;
  readonly charges: readonly Charge[];
  readonly facts: readonly Fact[];
  readonly rules: readonly Rule[];
}

/** What the server sends: a pack, and the hash by which it is known for ever. */
export interface PackDocument {
  readonly hash: string;
  readonly document: Pack;
}

/** Values by fact id. Missing: not asked yet. Null: asked, not known. */
export type Facts = { readonly [fact: string]: unknown };

export type Answer = 'yes' | 'no' | 'unknown';

/** One rule's answer; `facts` are those it reads, `missing` those that keep it unknown, in the rule's order. */
export interface Reason {
  readonly rule: string;
  readonly answer: Answer;
  readonly tier: Tier;
  readonly facts: readonly string[];
  readonly missing: readonly string[];
}

/**
 * What a pack says of a set of facts. `reasons` follow the pack's order; `ask` are the officer's questions that could
 * still change the outcome, best first; `confirm` the other open facts; `pack` is the pack's hash.
 */
export interface Determination {
  readonly outcome: 'eligible' | 'ineligible' | 'needs_review';
  readonly reasons: readonly Reason[];
  readonly ask: readonly string[];
  readonly confirm: readonly string[];
  readonly pack: string;
}
