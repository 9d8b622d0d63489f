/**
 * The one state word of a record, and the order of the list. Pure: time and connection are arguments.
 *
 * What the phone still holds comes before what the server said: nothing on the screen may claim more than is true.
 */
import { overlay } from '../domain/fold.ts';
import type { OutboxState } from '../storage/schema.ts';
import type { Committed, PageStatus, ReferralRecord, State, View, Word } from './types.ts';

/** Where one of this phone's own operations stands in the outbox. */
export interface Sent {
  state: OutboxState;
  reason: string | null;
  detail: string | null;
  number: number | null;
}

export interface Parts {
  id: string;
  program_id: string;
  view: View | null;
  number: number | null;
  received_at: string | null;
  page: PageStatus | null;
  /** Fields in which something of this person's gave way, not yet seen by them. */
  gave_way?: string[];
  /** Own operations that no pull has shown yet, in the order of their numbers. */
  pending: Committed[];
  /** By op id, for every own operation on this referral that the outbox still knows. */
  sent: ReadonlyMap<string, Sent>;
}

export interface Circumstances {
  user_id: string;
  now: number;
  /** A push is under way. */
  sending: boolean;
  /** This platform sends with the app closed. */
  sends_closed: boolean;
  nobody_after_minutes: number;
}

const MINUTE_MS = 60_000;
const ANSWERED = new Set(['acknowledged', 'handed_off', 'deferred', 'not_met', 'closed']);

const statusOf = (state: State): unknown => state.registers['status']?.value;

/** Somebody was called, and nobody has answered yet. */
export function unanswered(state: State, page: PageStatus | null): boolean {
  if (page) return page.state === 'open';
  return statusOf(state) === 'submitted';
}

function unansweredSince(state: State, page: PageStatus | null): number | null {
  if (!unanswered(state, page)) return null;
  const at = page?.opened_at ?? state.registers['status']?.at;
  return at === undefined ? null : Date.parse(at);
}

/** The word for what the server and the outbox know. */
export function wordOf(state: State, parts: Parts, { now, sending, sends_closed, nobody_after_minutes }: Circumstances): Word {
  const outbox = [...parts.sent.values()];
  if (outbox.some((each) => each.state === 'attention')) return 'attention';
  if (outbox.some((each) => each.state === 'waiting')) {
    if (sending) return 'sending';
    return sends_closed ? 'saved' : 'not_sent';
  }
  const since = unansweredSince(state, parts.page);
  if (since !== null) return now - since >= nobody_after_minutes * MINUTE_MS ? 'nobody' : 'received';
  return parts.page?.state === 'acknowledged' || ANSWERED.has(String(statusOf(state))) ? 'seen' : 'received';
}

function attentionOf(parts: Parts): ReferralRecord['attention'] {
  for (const { state, reason, detail } of parts.sent.values()) {
    if (state === 'attention') return { reason: reason ?? 'held', detail };
  }
  return null;
}

/** A referral as this phone can show it. */
export function recordOf(parts: Parts, circumstances: Circumstances): ReferralRecord {
  const state = overlay(parts.view, parts.pending);
  const origin = state.registers['origin'];
  const numbers = [...parts.sent.values()].map((each) => each.number);
  return {
    id: parts.id,
    number: parts.number ?? numbers.find((number) => number !== null) ?? null,
    state,
    view: parts.view,
    pending: parts.pending,
    page: parts.page,
    word: wordOf(state, parts, circumstances),
    received_at: parts.received_at,
    attention: attentionOf(parts),
    gave_way: parts.gave_way ?? [],
    mine: origin?.by === circumstances.user_id,
    made_at: origin?.at ?? parts.pending[0]?.made_at ?? parts.received_at ?? new Date(0).toISOString(),
  };
}

const URGENCY: Record<Word, number> = {
  attention: 0, nobody: 0, not_sent: 0, draft: 1, saved: 1, sending: 1, received: 2, seen: 3,
};

/** Those that need somebody first, the newest first among equals. */
export function byUrgency(a: ReferralRecord, b: ReferralRecord): number {
  return URGENCY[a.word] - URGENCY[b.word] || b.made_at.localeCompare(a.made_at) || a.id.localeCompare(b.id);
}
