/**
 * What a draft of the officer's holds, and how it begins.
 *
 * Answers for the shape and for reading one back safely, also one that an older version of the app wrote. State keeps
 * drafts encrypted without knowing what is in them; `flow` says what comes next, `acts` what a draft becomes.
 */
import type { Draft } from '../../state/types.ts';

export type Pathway = 'arrest_diversion' | 'social_contact';
export type Step = 'decide' | 'charge' | 'questions' | 'result' | 'approval' | 'offer' | 'agreed' | 'alert';
export type FactValue = boolean | number | string | string[] | null;
export type Facts = Record<string, FactValue>;
export type FieldValue = string | number | boolean | string[] | { [key: string]: number } | null;
export type Language = 'en' | 'es';
export type Method = 'signature' | 'witness' | 'camera' | 'phone';
export type Reader = 'self' | 'read_aloud' | 'interpreter';
export type About = 'weapon' | 'medical' | 'withdrawal' | 'self_harm' | 'other';

export interface Signature {
  width: number;
  height: number;
  strokes: number[][];
}

/** How the yes was given. Only what belongs to the chosen method is sent. */
export interface ConsentDraft {
  method: Method | null;
  language: Language | null;
  reader: Reader;
  interpreter: string;
  witness: string;
  camera_reference: string;
  signature: Signature | null;
}

export type How = 'radio' | 'phone' | 'in_person';

/** Somebody else's word as the officer writes it down: an approval, or a rule set aside. */
export interface Word {
  by_name: string;
  how: How | null;
  reason: string;
  /** An instant; null means now. */
  given_at: string | null;
  /** `open`: nobody could be reached, and it goes on. Null while it is being written. */
  state: 'given' | 'open' | null;
}

export interface Observation {
  about: About;
  text: string;
  observed_at: string;
}

// A type and not an interface, so that it is also a plain JSON object for the state layer.
export type Body = {
  pathway: Pathway;
  /** Written by a community partner, who records nobody else's word. */
  partner: boolean;
  step: Step;
  begun_at: string;
  charges: string[];
  facts: Facts;
  /** The questions put so far, in order; `at` is the one on the screen (equal to the length: the next new one). */
  asked: string[];
  at: number;
  /** The hash of the rules it began with; they stay its own when the program's change. Null: there were none. */
  pack: string | null;
  /** By the approval's name in the pack. */
  approvals: Record<string, Word>;
  /** By the rule that is set aside. */
  overrides: Record<string, Word>;
  agreed: boolean;
  consent: ConsentDraft;
  /** Fields by their name in a referral. A missing key is untouched, null is cleared. */
  fields: Record<string, FieldValue>;
  /** Of fields of a referral that exists: the operation whose value was shown when the field was first touched. */
  seen?: Record<string, string | null>;
  safety: Observation[];
  note: string;
  /** The referral that this draft adds details to; null on the way to an alert. */
  details_of: string | null;
};

export type OfficerDraft = Draft<Body>;

const NO_CONSENT: ConsentDraft = {
  method: null, language: null, reader: 'read_aloud', interpreter: '', witness: '', camera_reference: '', signature: null,
};

export const NO_WORD: Word = { by_name: '', how: null, reason: '', given_at: null, state: null };

/** A new draft's content. `begun_at` is an instant and becomes the time of the incident. */
export function emptyBody(pathway: Pathway, begun_at: string): Body {
  return {
    pathway, partner: false, begun_at, step: pathway === 'arrest_diversion' ? 'charge' : 'questions', charges: [], facts: {}, asked: [], at: 0,
    pack: null, approvals: {}, overrides: {}, agreed: false, consent: NO_CONSENT, fields: {}, safety: [], note: '', details_of: null,
  };
}

/** The draft with every part present, whatever wrote it. One that names no rules goes by `in_force`. */
export function read(draft: Draft, in_force: string | null = null): OfficerDraft {
  const stored = draft.body as Partial<Body>;
  const body = { ...emptyBody(stored.pathway ?? 'arrest_diversion', draft.updated_at), pack: in_force, ...stored };
  return { ...draft, body: { ...body, consent: { ...NO_CONSENT, ...stored.consent } } };
}

/** What two people at one stop share: where, which case, which charges and what follows from them. Never who. */
export function sameStop(fields: Record<string, FieldValue>, pathway: Pathway, begun_at: string): Body {
  const shared = ['place', 'gps', 'case_number', 'wait_minutes', 'callback', 'unit'] as const;
  const kept = Object.fromEntries(shared.flatMap((key) => (fields[key] == null ? [] : [[key, fields[key]]])));
  const charges = Array.isArray(fields['charges']) ? fields['charges'] : [];
  return { ...emptyBody(pathway, begun_at), charges, fields: kept as Body['fields'] };
}

/** A draft that nobody said yes in is erased when it has rested for as long as a shift lasts. */
export const SHIFT_HOURS = 12;

export function isExpired(draft: OfficerDraft, now_ms: number): boolean {
  const { agreed, details_of } = draft.body;
  return !agreed && details_of === null && now_ms - Date.parse(draft.updated_at) > SHIFT_HOURS * 3_600_000;
}
