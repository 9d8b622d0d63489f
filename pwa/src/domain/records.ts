/**
 * The shapes of state: what the fold keeps and what a view shows, the twin of `sync/records.py`.
 *
 * Answers for names and types only. Records have no order; screens sort entries by `at`, then by operation id.
 */
import type { Group, Role } from './fields.ts';
import type { EntryKind, EnvelopeOf, JsonValue, Kind, Payloads, Vector } from './operation.ts';

/**
 * What the fold takes: an envelope, and what the server knew of its author. `blind` names groups that the author could
 * write but was not shown; only the server fills it, and no visible value depends on it.
 */
export type Committed = { [K in Kind]: EnvelopeOf<K> & { role: Role; blind?: Group[] } }[Kind];

/** One value that stands, who wrote it, and what they had been shown (`base`) when they did. */
export interface Register<T = JsonValue> {
  value: T;
  op: string;
  device: string;
  seq: number;
  by: string;
  at: string;
  base: Vector;
  rank: number;
}

export interface EntryOf<K extends EntryKind> {
  kind: K;
  payload: Payloads[K];
  by: string;
  role: Role;
  device: string;
  seq: number;
  at: string;
  /** Of a release: the withdrawals that its author had seen. */
  saw?: string[];
}
/** One note, contact, safety observation, approval or release; told apart by `kind`. */
export type Entry = { [K in EntryKind]: EntryOf<K> }[EntryKind];

/** An entry no longer stands. */
export interface Strike {
  op: string;
  by: string;
  at: string;
  reason: string;
  entry_kind: EntryKind;
}

interface ConsentEventOf<N extends string, K extends Kind> {
  kind: N;
  payload: Payloads[K];
  by: string;
  at: string;
  device: string;
  seq: number;
  saw: string[];
}
export type ConsentEvent = ConsentEventOf<'grant', 'consent.grant'> | ConsentEventOf<'withdrawal', 'consent.withdraw'>;

/** Two values written without sight of each other; the lost one is kept here until a person has seen both. */
export interface Conflict {
  key: string;
  kept: string;
  lost: string;
  lost_value: JsonValue;
  lost_by: string;
  lost_at: string;
  lost_device: string;
  lost_seq: number;
}

interface Parts {
  referral_id: string;
  program_id: string;
  registers: Record<string, Register>;
  /** By operation. */
  entries: Record<string, Entry>;
  /** By the entry struck. */
  strikes: Record<string, Strike>;
  consent: Record<string, ConsentEvent>;
  conflicts: Record<string, Conflict>;
}

/** A referral, folded. */
export interface State extends Parts {
  vectors: Partial<Record<Group, Vector>>;
}

/** A referral as one role may see it; `vector` covers the visible groups and becomes the next operation's `base`. */
export interface View extends Parts {
  vector: Vector;
  blocked: boolean;
  consented: boolean;
}
