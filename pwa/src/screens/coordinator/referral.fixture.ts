/** Referrals for tests, made by the real fold from operations with valid defaults. */
import { applyOperation, emptyState } from '../../domain/fold.ts';
import type { Kind, Payloads, Vector } from '../../domain/operation.ts';
import type { Committed, State } from '../../domain/records.ts';
import type { People, ReferralRecord } from '../../state/types.ts';

export const OFFICER = 'officer-1';
export const ANA = 'ana';
export const BEN = 'ben';
export const OLGA = 'olga';
export const AGENCY = 'agency-1';
export const PEOPLE: People = {
  [OFFICER]: { name: 'Officer Rook', role: 'officer' },
  [ANA]: { name: 'Ana', role: 'coordinator' },
  [BEN]: { name: 'Ben', role: 'coordinator' },
  [OLGA]: { name: 'Olga', role: 'supervisor' },
};

export const minute = (n: number): string => new Date(Date.parse('2026-04-30T02:00:00Z') + n * 60_000).toISOString();
export const minuteMs = (n: number): number => Date.parse(minute(n));

export interface Done<K extends Kind = Kind> {
  by: string;
  at: number;
  kind: K;
  payload: Payloads[K];
  /** What the author had been shown; everything before unless given. */
  base?: Vector;
  saw?: string[];
}

export const did = <K extends Kind>(by: string, at: number, kind: K, payload: Payloads[K], rest: Partial<Done<K>> = {}): Done<K> => ({
  by, at, kind, payload, ...rest,
});

export const created = (by = OFFICER, at = 0, pathway: 'arrest_diversion' | 'community' = 'arrest_diversion', agency_id: string | null = AGENCY) =>
  did(by, at, 'referral.create', { pathway, agency_id });
export const alerted = (at = 1, by = OFFICER) => did(by, at, 'referral.alert', { officer_waiting: true });
export const answered = (by: string, at: number, eta_minutes: number | null = 20, rest: Partial<Done<'page.acknowledge'>> = {}) =>
  did(by, at, 'page.acknowledge', { eta_minutes, user_id: null }, rest);

/** Ids are `<referral>-<place in the list>`, so that a test can name an operation. */
export function folded(id: string, acts: readonly Done<Kind>[]): State {
  const state = emptyState(id, 'denver');
  const seen: Vector = {};
  acts.forEach(({ by, at, kind, payload, base, saw = [] }, index) => {
    const seq = (seen[by] ?? 0) + 1;
    applyOperation(state, {
      v: 1, op_id: `${id}-${index}`, program_id: 'denver', device_id: by, user_id: by, seq, referral_id: id, prev: null, kind,
      payload, base: base ?? { ...seen }, saw, made_at: minute(at), clock_off_ms: null, app: { version: '1', pack: null }, salt: '',
      digest: '', sig: null, role: PEOPLE[by]?.role ?? 'officer',
    } as unknown as Committed);
    seen[by] = seq;
  });
  return state;
}

export function referral(id: string, acts: readonly Done<Kind>[], rest: Partial<ReferralRecord> = {}): ReferralRecord {
  const state = folded(id, acts);
  return {
    id, number: 4821, state, view: null, pending: [], page: null, word: 'received', received_at: minute(1), attention: null, mine: false,
    made_at: state.registers['origin']?.at ?? minute(0), ...rest,
  };
}
