/**
 * What happened with a referral, oldest first, from what this phone holds; works without a network.
 *
 * A register keeps its latest writer only, so a line says what stands and since when. The full history is the server's.
 */
import { holderOf, isGiven, read, register, type Readable } from './reading.ts';
import { timesOf, type Timing } from '../../domain/times.ts';
import type { People } from '../../state/types.ts';

export type Line = Timing & { key: string } & (
  | { what: 'begun' | 'granted' | 'withdrawn' | 'left'; by: string }
  | { what: 'held' | 'given'; who: string }
  | { what: 'arrived' | 'paged' }
  | { what: 'confirmed'; by: string; code: 'yes' | 'no' | 'not_asked' }
  | { what: 'contact'; by: string; code: 'reached' | 'not_reached' }
  | { what: 'handoff' | 'decision' | 'closed'; by: string; code: string }
);

const OUTCOMES = [
  ['handoff', 'handoff', 'outcome'],
  ['decision', 'decision', 'outcome'],
  ['closed', 'closure', 'reason'],
] as const;

function ownLines(record: Readable, people: People): Line[] {
  const lines: Line[] = [];
  const origin = register(record, 'origin');
  if (origin) lines.push({ key: origin.op, what: 'begun', ...timesOf(origin), by: origin.by });
  if (record.received_at !== null) lines.push({ key: 'arrived', what: 'arrived', at: record.received_at });
  if (record.page) lines.push({ key: 'paged', what: 'paged', at: record.page.opened_at });
  const departure = register(record, 'departure');
  if (departure) lines.push({ key: departure.op, what: 'left', ...timesOf(departure), by: departure.by });
  const holder = register(record, 'holder');
  const who = holderOf(record)?.user_id;
  if (holder && who) lines.push({ key: holder.op, what: isGiven(record, people) ? 'given' : 'held', ...timesOf(holder), who });
  return lines;
}

function decided(record: Readable): Line[] {
  const lines: Line[] = [];
  const confirmation = register(record, 'confirmation');
  const answer = read<{ answer: 'yes' | 'no' | 'not_asked' }>(record, 'confirmation')?.answer;
  if (confirmation && answer) {
    lines.push({ key: confirmation.op, what: 'confirmed', ...timesOf(confirmation), by: confirmation.by, code: answer });
  }
  for (const [what, name, part] of OUTCOMES) {
    const written = register(record, name);
    const code = read<Record<string, string>>(record, name)?.[part];
    if (written && code) lines.push({ key: `${name}|${written.op}`, what, ...timesOf(written), by: written.by, code });
  }
  return lines;
}

export function timeline(record: Readable, people: People): Line[] {
  const lines = [...ownLines(record, people), ...decided(record)];
  for (const [id, event] of Object.entries(record.state.consent)) {
    lines.push({ key: id, what: event.kind === 'grant' ? 'granted' : 'withdrawn', ...timesOf(event), by: event.by });
  }
  for (const [id, entry] of Object.entries(record.state.entries)) {
    if (entry.kind !== 'contact.add' || record.state.strikes[id] !== undefined) continue;
    lines.push({ key: id, what: 'contact', ...timesOf(entry), by: entry.by, code: entry.payload.result });
  }
  return lines.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.key < b.key ? -1 : 1));
}
