/**
 * The referrals of this phone: the server's views with one's own waiting operations on top, as signals.
 *
 * Answers for reading them from storage into memory while the vault is open; `words.ts` decides what each is called.
 * Rows that do not open are counted, never hidden.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Envelope } from '../domain/operation.ts';
import { listOutbox } from '../storage/outbox.ts';
import { ownTiming } from '../domain/times.ts';
import { readCopies, readPeople, readViews, type OwnOperation, type ViewRecord } from '../storage/records.ts';
import { VaultClosed } from '../storage/vault.ts';
import { clockOff, correctClock, now } from './clock.ts';
import { unreadableDrafts } from './drafts.ts';
import { afterLock, me, program } from './phase.ts';
import { database, vault } from './phone.ts';
import { stale } from './since.ts';
import { canSendClosed, sending } from './connection.ts';
import type { Committed, People, ReferralRecord } from './types.ts';
import { byUrgency, recordOf, type Parts, type Sent } from './words.ts';

export type { ReferralRecord };

/** How often words that depend on time are looked at again. */
const LOOK_AGAIN_MS = 10_000;
const NOBODY_AFTER_MINUTES = 10;

const views = signal<ViewRecord[]>([]);
const own = signal<OwnOperation[]>([]);
const known = signal<People>({});
const undecryptable = signal(0);
const moment = computed(() => Math.floor(now.value / LOOK_AGAIN_MS) * LOOK_AGAIN_MS);

function sentOf({ state, receipt }: OwnOperation): Sent {
  return {
    state: state === 'gone' ? 'sent' : state,
    reason: receipt?.status ?? null,
    detail: receipt?.detail ?? receipt?.reason ?? null,
    number: receipt?.number ?? null,
  };
}

/** Everything on the phone by referral, in no order. */
function partsByReferral(program_id: string, role: Committed['role']): Parts[] {
  const all = new Map<string, Parts & { sent: Map<string, Sent> }>();
  const partsOf = (id: string): Parts & { sent: Map<string, Sent> } => {
    const parts = all.get(id) ?? {
      id, program_id, view: null, number: null, received_at: null, page: null, pending: [], sent: new Map<string, Sent>(),
    };
    all.set(id, parts);
    return parts;
  };
  for (const { referral_id, ...content } of views.value) Object.assign(partsOf(referral_id), content);
  for (const each of own.value) {
    if (each.state === 'settled') continue;
    const parts = partsOf(each.operation.referral_id);
    const timing = ownTiming(each.operation.made_at, each.operation.clock_off_ms ?? clockOff.value);
    parts.pending.push({ ...each.operation, role, ...(timing && { timing }) });
    parts.sent.set(each.operation.op_id, sentOf(each));
  }
  // A page may be known before its view; there is nothing to show of it yet.
  return [...all.values()].filter((parts) => parts.view !== null || parts.pending.length > 0);
}

/** Newest needing attention first. */
export const records: ReadonlySignal<ReferralRecord[]> = computed(() => {
  const who = me.value;
  if (!who) return [];
  const circumstances = {
    user_id: who.user_id,
    now: moment.value,
    sending: sending.value,
    sends_closed: canSendClosed,
    nobody_after_minutes: program.value?.nobody_after_minutes ?? NOBODY_AFTER_MINUTES,
  };
  return partsByReferral(who.program_id, who.role)
    .map((parts) => recordOf(parts, circumstances))
    .sort(byUrgency);
});

/** How many of one's own entries were not accepted, whether or not somebody has looked after them since. */
export const troubled = computed(() => own.value.filter(({ state }) => state === 'attention' || state === 'settled').length);

const byId = computed(() => new Map(records.value.map((each) => [each.id, each])));

export const people: ReadonlySignal<People> = computed(() => {
  const staff = Object.fromEntries((program.value?.people ?? []).map(({ id, name, role }) => [id, { name, role }]));
  const self = me.value ? { [me.value.user_id]: { name: me.value.name, role: me.value.role } } : {};
  return { ...self, ...staff, ...known.value };
});

/** Rows on this phone that the key does not open: counted, never hidden. */
export const unreadable: ReadonlySignal<number> = computed(() => undecryptable.value + unreadableDrafts.value);

export function record(id: string): ReferralRecord | undefined {
  return byId.value.get(id);
}

/** The present value of a register. */
export function value<T>(of: ReferralRecord, key: string): T | undefined {
  return of.state.registers[key]?.value as T | undefined;
}

/** Operations just stored: on the screen at once, without reading everything again. */
export function addOwn(operations: readonly Envelope[]): void {
  const added = operations.map((operation): OwnOperation => ({ operation, state: 'waiting', receipt: null }));
  own.value = [...own.peek(), ...added];
}

/** Without a vault, or after too long without a sign-in, nothing is read, but what was written in this sitting is in memory, and its fate in the outbox. */
async function readOwnStates(): Promise<void> {
  const who = me.peek();
  if (!who || own.peek().length === 0) return;
  const rows = new Map((await listOutbox(database, who.device_id)).map((row) => [row.op_id, row]));
  own.value = own.peek().map(({ operation }) => {
    const row = rows.get(operation.op_id);
    return { operation, state: row?.state ?? 'gone', receipt: row?.receipt ?? null };
  });
}

let reading: Promise<void> | null = null;
let again = false;

async function read(): Promise<void> {
  const open = vault();
  if (open === null || stale.peek()) return readOwnStates();
  try {
    const [foundViews, foundOwn, foundPeople] = await Promise.all([
      readViews(database, open),
      readCopies(database, open),
      readPeople(database, open),
    ]);
    if (vault() !== open) return;
    views.value = foundViews.views;
    own.value = foundOwn.operations;
    known.value = foundPeople.people as People;
    correctClock(foundPeople.clock_off_ms);
    undecryptable.value = foundViews.unreadable + foundOwn.unreadable + foundPeople.unreadable;
  } catch (error) {
    if (!(error instanceof VaultClosed)) throw error;
  }
}

/** Reads everything anew; calls during a reading lead to one more, so that the last change is always seen. */
export async function reloadRecords(): Promise<void> {
  if (reading) {
    again = true;
    return reading;
  }
  reading = read();
  try {
    await reading;
  } finally {
    reading = null;
  }
  if (again) {
    again = false;
    await reloadRecords();
  }
}

afterLock(() => {
  views.value = [];
  own.value = [];
  known.value = {};
  undecryptable.value = 0;
});
