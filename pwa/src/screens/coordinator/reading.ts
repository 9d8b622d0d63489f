/**
 * What the registers of a referral say, typed for the screens of program staff.
 *
 * Reads only; what a value means for an order, a clock or a sentence is decided in `inbox`, `times` and the desk's files.
 */
import { blocked } from '../../domain/fold.ts';
import type { Pathway } from '../../domain/operation.ts';
import type { Status } from '../../domain/fields.ts';
import type { Register } from '../../domain/records.ts';
import type { People, ReferralRecord } from '../../state/types.ts';

export type { Pathway, Status };
export interface Holder {
  user_id: string;
  eta_minutes: number | null;
}

/** The part of a record that these files read, so that a test can build one without a phone around it. */
export type Readable = Pick<ReferralRecord, 'id' | 'state' | 'page' | 'received_at' | 'made_at' | 'pending'>;

export function register(record: Pick<Readable, 'state'>, key: string): Register | undefined {
  return record.state.registers[key];
}

/** A register's value, or undefined when nothing was written or it was cleared. */
export function read<T>(record: Pick<Readable, 'state'>, key: string): T | undefined {
  return (register(record, key)?.value ?? undefined) as T | undefined;
}

export const statusOf = (record: Pick<Readable, 'state'>): Status | undefined => read<Status>(record, 'status');

export const holderOf = (record: Pick<Readable, 'state'>): Holder | undefined => read<Holder>(record, 'holder');

export const pathwayOf = (record: Pick<Readable, 'state'>): Pathway | undefined =>
  read<{ pathway: Pathway }>(record, 'origin')?.pathway;

export const agencyOf = (record: Pick<Readable, 'state'>): string | null =>
  read<{ agency_id: string | null }>(record, 'origin')?.agency_id ?? null;

/** Who began the referral: the author of its first operation. */
export const officerOf = (record: Pick<Readable, 'state'>): string | undefined => register(record, 'origin')?.by;

/** Closed by a person: nothing more is asked of anybody. */
export const isClosed = (record: Pick<Readable, 'state'>): boolean => statusOf(record) === 'closed';

/** Given to somebody by a supervisor; they have not yet said that they have it. */
export function isGiven(record: Pick<Readable, 'state'>, people: People): boolean {
  const holder = holderOf(record);
  const by = register(record, 'holder')?.by;
  if (holder === undefined || by === undefined || by === holder.user_id) return false;
  // A promised time is the holder's own word, whoever settled a conflict about it later.
  return holder.eta_minutes === null && people[by]?.role === 'supervisor';
}

/** No person has said that they have it, and nobody has met the participant: somebody must answer. */
export function isUnanswered(record: Pick<Readable, 'state'>, people: People): boolean {
  const status = statusOf(record);
  if (status === 'closed' || status === 'handed_off') return false;
  return status === undefined || status === 'submitted' || holderOf(record) === undefined || isGiven(record, people);
}

/** Consent was taken back and not given again: the content is hidden from everyone. */
export function isWithdrawn(record: Pick<ReferralRecord, 'state' | 'view'>): boolean {
  // A role that may not read consent has no events; for it the view says so.
  return Object.keys(record.state.consent).length > 0 ? blocked(record.state) : (record.view?.blocked ?? false);
}
