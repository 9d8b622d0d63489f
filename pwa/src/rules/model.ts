/**
 * What a rule pack and a determination look like on the wire: the twin of `eligibility_rules/model.py`.
 *
 * Answers for types alone. The server has checked a pack before it sends it, and sends its hash beside it, so the phone
 * neither checks nor hashes one.
 */

export type Pathway = 'arrest_diversion' | 'social_contact' | 'community';
export type Referrer = 'officer' | 'partner' | 'community_member' | 'family_or_friend' | 'self';
export type Tier = 'bars' | 'presumed_out' | 'warn' | 'ask_coordinator';
export type Role = 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'prosecutor';
export type FactType = 'bool' | 'int' | 'enum' | 'date' | 'code_list';
export type AskedOf = 'officer' | 'participant' | 'coordinator';
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

export type Comparison = readonly [fact: string, operator: Operator, value: boolean | number | string | readonly string[]];
export type Condition =
  | Comparison
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

/** A charge on the program's list: `order` 1 is shown first; `conditions` are facts asked under the charge. */
export interface Charge {
  readonly code: string;
  readonly level: 'state' | 'municipal' | 'not_stated';
  readonly class: string | null;
  readonly title: Text;
  readonly cite: string;
  readonly order: number;
  readonly conditions: readonly string[];
}

/** Something that somebody may know. A `code_list` without `values` lists charges, or `unlisted`. */
export interface Fact {
  readonly id: string;
  readonly type: FactType;
  readonly unit: Unit | null;
  readonly values: readonly string[];
  readonly question: Text;
  readonly asked_of: AskedOf;
}

/** `why` is shown when the rule does not hold, `confirm` while that is unknown. */
export interface Rule {
  readonly id: string;
  readonly applies_to: readonly Pathway[];
  readonly must: Condition;
  readonly tier: Tier;
  readonly override_by: Role | null;
  readonly cite: string;
  readonly why: Text;
  readonly confirm: Text;
}

/** One program's rules, in force on both days named and between; null: until replaced. Dates are YYYY-MM-DD. */
export interface Pack {
  readonly program: string;
  readonly version: string;
  readonly effective_from: string;
  readonly effective_until: string | null;
  readonly source: string;
  readonly official: boolean;
  readonly officer_decides: 'first' | 'after_check';
  readonly pathways: { readonly [pathway in Pathway]?: readonly Referrer[] };
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

/** One rule's answer; `missing` are the facts that keep it unknown, in the rule's order. */
export interface Reason {
  readonly rule: string;
  readonly answer: Answer;
  readonly tier: Tier;
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
