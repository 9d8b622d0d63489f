/** From what a person wishes to do to acts that make sense with what the screen shows: the forms' part, without forms. */
import type { JsonValue, Payloads } from '../src/domain/operation.ts';
import type { State } from '../src/domain/records.ts';

export interface Wish {
  what: string;
  /** Chooses among what is shown. */
  n: number;
  key: string;
  value: JsonValue;
}

export interface Act {
  kind: string;
  payload: object;
  saw?: string[];
}

const GRANT: Payloads['consent.grant'] = {
  method: 'phone', language: 'en', script_version: '1', script_hash: 'ab'.repeat(32), reader: 'read_aloud',
  interpreter: null, witness: null, camera_reference: null, signature: null,
};

const withdrawals = (state: State | null): string[] =>
  Object.entries(state?.consent ?? {}).flatMap(([op_id, { kind }]) => (kind === 'withdrawal' ? [op_id] : [])).sort();

const grants = (state: State | null): string[] =>
  Object.entries(state?.consent ?? {}).flatMap(([op_id, { kind }]) => (kind === 'grant' ? [op_id] : [])).sort();

/** One wish; null where the screen offers no such thing. */
function actOf({ what, n, key, value }: Wish, state: State | null, agency_id: string | null): Act | null {
  switch (what) {
    case 'create':
      return state === null ? { kind: 'referral.create', payload: { pathway: key, agency_id: key === 'community' ? null : agency_id } } : null;
    case 'set':
      return { kind: 'referral.set', payload: { fields: { [key]: value } }, saw: grants(state) };
    case 'note':
      return { kind: 'note.add', payload: { text: value } };
    case 'contact':
      return { kind: 'contact.add', payload: { how: 'phone', result: 'reached', text: value } };
    case 'grant':
      return { kind: 'consent.grant', payload: GRANT, saw: withdrawals(state) };
    case 'withdraw':
      return { kind: 'consent.withdraw', payload: { reason: null }, saw: grants(state) };
    case 'alert':
      return { kind: 'referral.alert', payload: { officer_waiting: true } };
    case 'acknowledge':
      return { kind: 'page.acknowledge', payload: { eta_minutes: n % 60 } };
    case 'handoff':
      return { kind: 'handoff.record', payload: { outcome: ['in_person', 'phone', 'deferred'][n % 3] } };
    case 'accept':
      return { kind: 'decision.record', payload: { outcome: 'accepted', reason: null } };
    case 'close':
      return { kind: 'referral.close', payload: { reason: 'person_left' } };
    case 'strike':
      return strike(state, n);
    case 'resolve':
      return resolve(state, n);
    case 'newer':
      // Of an app newer than the server: to be kept, and to delay nobody.
      return { kind: 'referral.from_the_future', payload: { text: value } };
    default:
      throw new Error(`Nobody can wish for ${what}.`);
  }
}

function strike(state: State | null, n: number): Act | null {
  const notes = Object.entries(state?.entries ?? {}).filter(([op_id, { kind }]) => kind === 'note.add' && !(op_id in state!.strikes));
  const chosen = notes.sort(([one], [other]) => (one < other ? -1 : 1))[n % Math.max(1, notes.length)];
  if (chosen === undefined) return null;
  return { kind: 'entry.strike', payload: { entry: chosen[0], entry_kind: 'note.add', reason: 'Wrong person.' } };
}

/** A person sees both sides of a conflict and keeps one of them. */
function resolve(state: State | null, n: number): Act | null {
  const open = Object.entries(state?.conflicts ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const chosen = open[n % Math.max(1, open.length)];
  if (chosen === undefined) return null;
  const { key, lost_value } = chosen[1];
  const value = n % 2 === 0 ? lost_value : (state!.registers[key]?.value ?? null);
  const conflicts = open.filter(([, conflict]) => conflict.key === key).map(([id]) => id);
  return { kind: 'conflict.resolve', payload: { key, value, conflicts } };
}

/** The acts of one tap, in order. Nothing can be done to a referral that is not there. */
export function writing(wishes: readonly Wish[], state: State | null, agency_id: string | null): Act[] {
  if (state === null && wishes[0]?.what !== 'create') return [];
  return wishes.flatMap((wish) => actOf(wish, state, agency_id) ?? []);
}
