/**
 * The fold: operations to state, the twin of `sync/fold.py`. Both must agree byte for byte.
 *
 * Answers for merging and for nothing else; the phone uses it to show its own waiting operations on top of a view, and
 * to foretell what the server will make of them. No clock, no randomness, no locale.
 *
 * A value is written by four rules, after which a conflict always tells a person what gave way:
 *   0. The standing value's author had already seen this operation: nothing changes.
 *   1. The operation saw the standing value: it takes its place, and conflicts whose lost side it saw are settled.
 *   2. Neither saw the other, and they differ: the higher rank stands.
 *   3. Of equal rank the first committed stands.
 */
import { FIELDS, type FieldKey, type Role, STATUSES, type Status, groupOf } from './fields.ts';
import { type EntryKind, HANDOFF_STATUS, type JsonValue, type Vector, canonical, groupsOf } from './operation.ts';
import type { Committed, Conflict, ConsentEvent, Entry, Register, State, View } from './records.ts';
import type { Timing } from './times.ts';

/** A referral of which nothing is known yet. */
export function emptyState(referralId: string, programId: string): State {
  return {
    referral_id: referralId,
    program_id: programId,
    registers: {},
    entries: {},
    strikes: {},
    consent: {},
    conflicts: {},
    vectors: {},
  };
}

/**
 * What the phone shows: its view with its own unanswered operations on top. Neither argument is changed.
 *
 * An operation that the view holds already changes nothing while its value stands, or while that of someone who saw it
 * does; after longer chains it might. So the caller leaves out what has an answer and is within the view's vector (but
 * not what is held: a vector counts past a gap, and what a person typed must go on showing).
 * Where a role may not read consent, ask the view, not `consented`.
 */
export function overlay(view: View | null, pending: readonly Committed[]): State {
  const mine = [...pending].sort((one, other) => one.seq - other.seq);
  const first = view ?? mine[0];
  if (first === undefined) throw new RangeError('Nothing is known of this referral: there is no view and no operation.');
  const state = emptyState(first.referral_id, first.program_id);
  if (view !== null) {
    Object.assign(state.registers, view.registers);
    Object.assign(state.entries, view.entries);
    Object.assign(state.strikes, view.strikes);
    Object.assign(state.consent, view.consent);
    Object.assign(state.conflicts, view.conflicts);
  }
  for (const operation of mine) applyOperation(state, operation);
  return state;
}

/** True when some grant names every withdrawal. A grant that missed one never counts, whatever the order. */
export function consented(state: State): boolean {
  const withdrawals = Object.keys(state.consent).filter((op) => state.consent[op]?.kind === 'withdrawal');
  return Object.values(state.consent).some(
    (event) => event.kind === 'grant' && withdrawals.every((op) => event.saw.includes(op)),
  );
}

/** The latest grant that names every withdrawal: what an operation that carries identity cites. */
export function standingGrant(consent: State['consent']): string | null {
  const events = Object.entries(consent);
  const withdrawals = events.filter(([, { kind }]) => kind === 'withdrawal').map(([id]) => id);
  const stands = events.filter(([, { kind, saw: seen }]) => kind === 'grant' && withdrawals.every((id) => seen.includes(id)));
  return stands.toSorted(([, a], [, b]) => (a.at < b.at ? -1 : 1)).at(-1)?.[0] ?? null;
}

/** True when consent was taken back and not given again in sight of that. */
export function blocked(state: State): boolean {
  return Object.values(state.consent).some((event) => event.kind === 'withdrawal') && !consented(state);
}

/** True when the operation's author had been shown what that device wrote; one's own device is no special case. */
export function saw(operation: { base: Vector }, writer: { device: string; seq: number }): boolean {
  return writer.seq <= (operation.base[writer.device] ?? 0);
}

/** Give one operation its effect on `state`, in place; returns the ids of the conflicts that it opened. */
export function applyOperation(state: State, operation: Committed): string[] {
  const opened: string[] = [];
  for (const [key, value] of valuesOf(operation)) {
    const conflict = write(state, operation, key, value);
    if (conflict !== null) opened.push(conflict);
  }
  switch (operation.kind) {
    case 'note.add':
    case 'contact.add':
    case 'safety.add':
    case 'approval.add':
    case 'approval.confirm':
    case 'override.add':
    case 'release.give':
      addEntry(state, operation);
      break;
    case 'entry.strike':
      strike(state, operation, operation.payload.entry, operation.payload.entry_kind, operation.payload.reason);
      break;
    case 'release.revoke':
      strike(state, operation, operation.payload.release, 'release.give', operation.payload.reason);
      break;
    case 'consent.grant':
    case 'consent.withdraw':
      addConsent(state, operation);
      break;
    case 'conflict.resolve':
      settle(state.conflicts, operation.payload.key, operation.payload.conflicts);
  }
  for (const group of groupsOf(operation.kind, operation.payload)) {
    const vector = (state.vectors[group] ??= {});
    vector[operation.device_id] = Math.max(vector[operation.device_id] ?? 0, operation.seq);
  }
  return opened;
}

/** The registers that an operation writes, in a fixed order. */
function valuesOf(operation: Committed): [key: string, value: JsonValue][] {
  switch (operation.kind) {
    case 'referral.set': {
      const fields = operation.payload.fields as Record<string, JsonValue>;
      return Object.keys(fields).sort().map((key) => [key, fields[key] ?? null]);
    }
    case 'referral.create':
      return [['origin', { pathway: operation.payload.pathway, agency_id: operation.payload.agency_id }]];
    case 'referral.alert':
      return [['status', 'submitted']];
    case 'officer.leave':
      return [['departure', { how: 'with_card', reason: operation.payload.reason }]];
    case 'page.acknowledge': {
      const { eta_minutes, user_id } = operation.payload;
      return [['holder', { user_id: user_id ?? operation.user_id, eta_minutes }], ['status', 'acknowledged']];
    }
    case 'page.expire':
      return [['holder', null], ['status', 'submitted']];
    case 'referral.assign':
      return [['holder', { user_id: operation.payload.user_id, eta_minutes: null }]];
    case 'handoff.record': {
      const { outcome } = operation.payload;
      return [['handoff', { outcome }], ['status', HANDOFF_STATUS[outcome]]];
    }
    case 'decision.record': {
      const decision = { outcome: operation.payload.outcome, reason: operation.payload.reason };
      return [['decision', decision], ...accepted(decision)];
    }
    case 'determination.check': {
      const { verdict, outcome, pack, of } = operation.payload;
      return [['check', { verdict, outcome, pack, of }]];
    }
    case 'referral.close':
      return [['closure', { reason: operation.payload.reason }], ['status', 'closed']];
    case 'consent.confirm':
      return [['confirmation', { answer: operation.payload.answer }]];
    case 'referral.merge':
      return [['merged_into', operation.payload.into]];
    case 'referral.unmerge':
      return [['merged_into', null]];
    case 'conflict.resolve': {
      const { key, value } = operation.payload;
      return [[key, value], ...(key === 'decision' ? accepted(value) : [])];
    }
    default:
      return [];
  }
}

function accepted(decision: JsonValue): [key: string, value: JsonValue][] {
  const said = typeof decision === 'object' && decision !== null && !Array.isArray(decision) && decision['outcome'] === 'accepted';
  return said ? [['accepted', true]] : [];
}

/** Write one register by the four rules; returns the id of the conflict opened, if any. */
function write(state: State, operation: Committed, key: string, value: JsonValue): string | null {
  const offered = register(operation, key, value);
  const standing = state.registers[key];
  if (standing === undefined) {
    state.registers[key] = offered;
    return null;
  }
  if (key === 'origin' || saw(standing, offered)) return null;
  if (saw(offered, standing)) {
    offered.was = { value: standing.value, device: standing.device, seq: standing.seq };
    state.registers[key] = offered;
    const seen = Object.keys(state.conflicts).filter((id) => {
      const conflict = state.conflicts[id];
      return conflict !== undefined && saw(offered, { device: conflict.lost_device, seq: conflict.lost_seq });
    });
    settle(state.conflicts, key, seen);
    return null;
  }
  if (canonical(value) === canonical(standing.value)) return null;
  const { was } = standing;
  const before = was === undefined ? { was: null } : saw(offered, was) ? { was: was.value } : {};
  if (offered.rank > standing.rank) {
    if (was !== undefined) offered.was = was;
    state.registers[key] = offered;
    return open(state.conflicts, key, offered, standing, before);
  }
  return open(state.conflicts, key, standing, offered, before);
}

/** When it was done: better than by the author's clock, where that is known. */
const timed = ({ made_at, timing }: Committed): Timing => timing ?? { at: made_at };

function register(operation: Committed, key: string, value: JsonValue): Register {
  const device = operation.device_id;
  let base = operation.base;
  if (operation.blind?.includes(groupOf(key))) {
    // Of a group that its role cannot read, an author knows only what their own device wrote.
    const own = base[device];
    base = own === undefined ? {} : { [device]: own };
  }
  return {
    value,
    op: operation.op_id,
    device,
    seq: operation.seq,
    by: operation.user_id,
    ...timed(operation),
    base,
    rank: rankOf(key, value, operation.role),
  };
}

/** Dominance among concurrent values: the status's own, or 1 for the role that owns the field. */
function rankOf(key: string, value: JsonValue, role: Role): number {
  if (key === 'status') {
    return typeof value === 'string' && Object.hasOwn(STATUSES, value) ? STATUSES[value as Status] : 0;
  }
  const owner = Object.hasOwn(FIELDS, key) ? FIELDS[key as FieldKey][1] : null;
  return owner === (role === 'case_manager' ? 'coordinator' : role) ? 1 : 0;
}

/** Keeps what gave way; returns the conflict's id. */
export function open(conflicts: Record<string, Conflict>, key: string, kept: Register, lost: Register, before: Pick<Conflict, 'was'>): string {
  const id = `${key}|${kept.op}|${lost.op}`;
  conflicts[id] = {
    key,
    kept: kept.op,
    lost: lost.op,
    lost_value: lost.value,
    lost_by: lost.by,
    lost_at: lost.at,
    lost_device: lost.device,
    lost_seq: lost.seq,
    ...(lost.received === undefined ? {} : { lost_received: lost.received }),
    ...(lost.off_ms === undefined ? {} : { lost_off_ms: lost.off_ms }),
    ...before,
  };
  return id;
}

/** Close conflicts of one field; another field's id is passed over. */
function settle(conflicts: Record<string, Conflict>, key: string, ids: readonly string[]): void {
  for (const id of ids) if (conflicts[id]?.key === key) delete conflicts[id];
}

function addEntry(state: State, operation: Committed): void {
  state.entries[operation.op_id] = {
    kind: operation.kind,
    payload: operation.payload,
    by: operation.user_id,
    role: operation.role,
    device: operation.device_id,
    seq: operation.seq,
    ...timed(operation),
    ...(operation.kind === 'release.give' ? { saw: operation.saw } : {}),
  } as Entry;
  const struck = state.strikes[operation.op_id];
  if (struck !== undefined && struck.entry_kind !== operation.kind) delete state.strikes[operation.op_id];
}

/**
 * The first strike stands. One that misnames the entry's kind is void: rights were judged by the named kind. While the entry is
 * not here nobody knows which is right, and a revocation then takes the place.
 */
function strike(state: State, operation: Committed, id: string, entry_kind: EntryKind, reason: string): void {
  const entry = state.entries[id];
  const standing = state.strikes[id];
  if (entry !== undefined && entry.kind !== entry_kind) return;
  if (standing !== undefined && (entry_kind !== 'release.give' || standing.entry_kind === entry_kind)) return;
  state.strikes[id] = { op: operation.op_id, by: operation.user_id, ...timed(operation), reason, entry_kind };
}

function addConsent(state: State, operation: Committed): void {
  state.consent[operation.op_id] = {
    kind: operation.kind === 'consent.grant' ? 'grant' : 'withdrawal',
    payload: operation.payload,
    by: operation.user_id,
    ...timed(operation),
    device: operation.device_id,
    seq: operation.seq,
    saw: operation.saw,
  } as ConsentEvent;
}
