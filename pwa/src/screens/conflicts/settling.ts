/**
 * Conflicts as a person settles them: which may be chosen by whom, what both together would be, and the act that says so. Pure.
 *
 * The rights are the server's table, told here so that nobody is offered what would be refused; a shared vector holds both equal.
 */
import { FIELDS, LIMITS, groupOf, type FieldKey, type Group, type Role } from '../../domain/fields.ts';
import { standingGrant } from '../../domain/fold.ts';
import type { JsonValue } from '../../domain/operation.ts';
import type { Act, ReferralRecord } from '../../state/types.ts';
import { samePromiseNow } from '../coordinator/inbox.ts';
import type { Disagreement } from './disagreements.ts';

const HEALTH: readonly Group[] = [
  'origin', 'case', 'circumstances', 'place', 'identity', 'needs', 'demographics', 'consent', 'status', 'holder', 'decision', 'assessment',
  'merging',
];

/** Groups of fields that a role both writes and reads: whoever chooses must be able to see what they choose between. */
export const SETTLES: { readonly [role in Role]?: readonly Group[] } = {
  officer: ['origin', 'case', 'circumstances', 'place', 'identity', 'consent', 'status'],
  coordinator: HEALTH,
  case_manager: HEALTH,
  supervisor: ['status', 'holder'],
  partner: ['origin', 'status'],
};

/** What acts write and a settlement may write, too. */
const ACTS: readonly string[] = ['status', 'departure', 'holder', 'handoff', 'decision', 'closure', 'confirmation'];
/** The fold decides by which goes further. A person is told, and may put it away. */
const DECIDED: readonly string[] = ['status'];

/** `choose`: this person's choice. `decided`: settled by its own rule. `look`: somebody else's. `null`: nothing that is ever settled. */
export function waysOf(key: string, role: Role): 'choose' | 'decided' | 'look' | null {
  if (!ACTS.includes(key) && !Object.hasOwn(FIELDS, key)) return null;
  if (SETTLES[role]?.includes(groupOf(key)) !== true) return 'look';
  return DECIDED.includes(key) ? 'decided' : 'choose';
}

/** Fields that take any words, so that two of them can stand in one. */
const FREE: readonly string[] = [
  'name', 'alias', 'contact', 'safe_to_contact', 'card_number', 'case_number', 'unit', 'place', 'callback', 'property_held', 'referrer_name',
  'referrer_relation',
];
const BETWEEN = ' / ';

export type Both = { list: JsonValue[] } | { text: string; limit: number };

/** Both values in one: lists united, free text joined for the person to edit. Undefined where there is no such thing. */
export function bothOf({ key, sides }: Pick<Disagreement, 'key' | 'sides'>): Both | undefined {
  const values = sides.map(({ value }) => value);
  if (values.length > 0 && values.every((value) => Array.isArray(value))) {
    const list = [...new Set((values as JsonValue[][]).flat())];
    return list.length > LIMITS.list || values.some((value) => value.length === list.length) ? undefined : { list };
  }
  if (!FREE.includes(key) || !values.every((value) => typeof value === 'string' && value.trim() !== '')) return undefined;
  return { text: values.join(BETWEEN), limit: FIELDS[key as FieldKey][2] ?? LIMITS.text };
}

const LIMIT_SAW = 64;

/** The act by which a person chooses. A promised arrival is kept as it was promised, and identity cites the consent. */
export function choice(record: Pick<ReferralRecord, 'state'>, about: Disagreement, value: JsonValue, said_at: string, now_ms: number): Act {
  const { key, conflicts, sides } = about;
  const consent = standingGrant(record.state.consent);
  const saw = [...(consent === null ? [] : [consent]), ...sides.map(({ op }) => op)];
  const chosen = key === 'holder' ? (samePromiseNow(value, said_at, now_ms) as JsonValue) : value;
  return {
    kind: 'conflict.resolve',
    payload: { key, value: chosen, conflicts: conflicts.slice(0, LIMIT_SAW) },
    saw: [...new Set(saw)].slice(0, LIMIT_SAW),
  };
}
