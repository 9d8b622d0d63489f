/**
 * The shapes of state: what the fold keeps and what a view shows, the twin of `sync/records.py`.
 *
 * Answers for names and types only. Records have no order; screens sort entries by `at`, then by operation id.
 */
import type { Group, Role } from './fields.ts';
import type { EntryKind, EnvelopeOf, JsonValue, Kind, Payloads, Vector } from './operation.ts';
import type { Timing } from './times.ts';

/**
 * What the fold takes: an envelope, and what the server knew of its author. `blind` names groups that the author could
 * write but was not shown; only the server fills it, and no visible value depends on it. `timing` is there where the
 * author's clock does not say it all.
 */
export type Committed = { [K in Kind]: EnvelopeOf<K> & { role: Role; blind?: Group[]; timing?: Timing } }[Kind];

/** One value that stands, who wrote it, and what they had been shown (`base`) when they did. */
export interface Register<T = JsonValue> extends Timing {
  value: T;
  op: string;
  device: string;
  seq: number;
  by: string;
  base: Vector;
  rank: number;
  /** The value that it took the place of, and which operation wrote that; missing where it was the first. */
  was?: { value: JsonValue; device: string; seq: number };
}

export interface EntryOf<K extends EntryKind> extends Timing {
  kind: K;
  payload: Payloads[K];
  by: string;
  role: Role;
  device: string;
  seq: number;
  /** Of a release: the withdrawals that its author had seen. */
  saw?: string[];
}
/** One note, contact, safety observation, approval or release; told apart by `kind`. */
export type Entry = { [K in EntryKind]: EntryOf<K> }[EntryKind];

/** An entry no longer stands. */
export interface Strike extends Timing {
  op: string;
  by: string;
  reason: string;
  entry_kind: EntryKind;
}

interface ConsentEventOf<N extends string, K extends Kind> extends Timing {
  kind: N;
  payload: Payloads[K];
  by: string;
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
  lost_received?: string;
  lost_off_ms?: number;
  lost_device: string;
  lost_seq: number;
  /** What both had before them (null: nothing); missing where the later author had not seen it. */
  was?: JsonValue;
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
