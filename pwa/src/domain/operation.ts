/**
 * The envelope of an operation, its kinds and payloads, its canonical text and digest: the twin of `sync/operations.py`
 * and `sync/payloads.py`.
 *
 * Answers for what correctness needs on the phone: the same bytes, the same digest, the same groups. Whether a payload
 * is well formed is judged by the server, which refuses visibly; the types here keep the screens honest.
 */
import canonicalize from 'canonicalize';
import { type FieldKey, type Group, type INFORMATION, type Need, type RECIPIENTS, type Status, groupOf } from './fields.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
/** For each device, the highest sequence number included. */
export type Vector = Record<string, number>;
export type Pathway = 'arrest_diversion' | 'social_contact' | 'community';
export type EntryKind = keyof typeof ENTRY_GROUPS;
/** A release is taken back by an operation of its own. */
export type StrikableKind = Exclude<EntryKind, 'release.give'>;

/** A drawn signature: strokes of x, y, x, y… on a grid of the given size. */
export interface Signature {
  width: number;
  height: number;
  strokes: number[][];
}

/** Values for fields; null clears one. */
export type Fields = { [K in FieldKey]?: JsonValue } & { needs?: Need[] | null };

export interface Payloads {
  'referral.create': { pathway: Pathway; agency_id: string | null };
  'referral.set': { fields: Fields };
  'referral.alert': { officer_waiting: boolean };
  /** Nobody came, and the officer drives on: the person keeps the card and is found later. */
  'officer.leave': { reason: 'nobody_answered' | 'after_hours' | 'cannot_come' };
  'referral.assign': { user_id: string };
  'referral.close': {
    reason:
      | 'person_left' | 'entered_by_mistake' | 'declined' | 'could_not_be_reached' | 'not_eligible'
      | 'moved_or_died' | 'asked_to_leave' | 'transitioned_out' | 'referred_elsewhere';
  };
  'page.acknowledge': { eta_minutes: number | null; user_id?: string | null };
  'page.expire': { acknowledgement: string };
  'consent.grant': {
    method: 'signature' | 'witness' | 'camera' | 'phone';
    language: string;
    script_version: string;
    script_hash: string;
    reader: 'self' | 'read_aloud' | 'interpreter';
    interpreter: string | null;
    witness: string | null;
    camera_reference: string | null;
    signature: Signature | null;
  };
  'consent.withdraw': { reason: string | null };
  'consent.confirm': { answer: 'yes' | 'no' | 'not_asked' };
  'note.add': { text: string };
  'contact.add': { how: 'in_person' | 'phone' | 'message' | 'other'; result: 'reached' | 'not_reached'; text: string };
  'safety.add': {
    about: 'weapon' | 'medical' | 'withdrawal' | 'self_harm' | 'other';
    text: string;
    observed_at: string;
    expires_at: string;
  };
  'entry.strike': { entry: string; entry_kind: StrikableKind; reason: string };
  'handoff.record': { outcome: 'in_person' | 'phone' | 'deferred' | 'could_not_meet' };
  'decision.record': { outcome: 'accepted' | 'not_eligible' | 'waitlist' | 'redirected'; reason: string | null };
  'conflict.resolve': { key: string; value: JsonValue; conflicts: string[] };
  /** Somebody agreed, and an officer recorded it; `approval` is the pack's name for it. */
  'approval.add': {
    approval: string;
    by_name: string;
    by_role: 'sergeant' | 'liaison' | 'coordinator' | 'prosecutor' | 'all_partners';
    how: 'radio' | 'phone' | 'in_person';
    given_at: string;
  };
  'approval.confirm': { entry: string; answer: 'confirmed' | 'not_given' };
  /** A rule that presumes the person out is set aside; `self` by the author, and then nobody is named. */
  'override.add': {
    rule: string;
    reason: string;
    by_name: string | null;
    by_role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'prosecutor';
    how: 'radio' | 'phone' | 'in_person' | 'self';
    given_at: string;
  };
  /** Signed: the program may tell one recipient these facts, for this purpose, through a last day (42 CFR 2.31). */
  'release.give': {
    recipient: { kind: (typeof RECIPIENTS)[number]; name: string };
    information: (typeof INFORMATION)[number][];
    purpose: string;
    expires_on: string;
    signed_how: 'paper' | 'electronic';
    signed_at: string;
  };
  'release.revoke': { release: string; reason: string };
  /** The server's own evaluation of the determination `of`; only the server writes it. */
  'determination.check': {
    verdict: 'agrees' | 'differs' | 'unreadable_facts' | 'unknown_pack' | 'withdrawn_pack' | 'not_in_force' | 'no_pack' | 'not_to_set_aside';
    outcome: 'eligible' | 'ineligible' | 'needs_review' | null;
    pack: string | null;
    of: string;
  };
  /** This referral and `into` are about one person. */
  'referral.merge': { into: string };
  'referral.unmerge': { into: string };
}
export type Kind = keyof Payloads;

/** What is known before the digest and the signature. `base` says what the screen had shown. */
export interface UnsignedOf<K extends Kind> {
  v: 1;
  op_id: string;
  program_id: string;
  device_id: string;
  user_id: string;
  seq: number;
  referral_id: string;
  prev: string | null;
  kind: K;
  payload: Payloads[K];
  base: Vector;
  saw: string[];
  made_at: string;
  clock_off_ms: number | null;
  app: { version: string; pack: string | null };
  salt: string;
}
export interface EnvelopeOf<K extends Kind> extends UnsignedOf<K> {
  digest: string;
  sig: string | null;
}
/** Told apart by `kind`. */
export type Unsigned = { [K in Kind]: UnsignedOf<K> }[Kind];
export type Envelope = { [K in Kind]: EnvelopeOf<K> }[Kind];

export const ENTRY_GROUPS = {
  'note.add': 'notes',
  'contact.add': 'contacts',
  'safety.add': 'safety',
  'approval.add': 'approvals',
  'approval.confirm': 'approvals',
  'override.add': 'approvals',
  'release.give': 'release',
} as const;
/** The groups of each act; kinds that name fields or entries are worked out from their payload. */
export const ACT_GROUPS: { readonly [kind: string]: readonly Group[] } = {
  'referral.create': ['origin'],
  'referral.alert': ['status'],
  'officer.leave': ['status'],
  'referral.assign': ['holder'],
  'referral.close': ['decision', 'status'],
  'page.acknowledge': ['holder', 'status'],
  'page.expire': ['holder', 'status'],
  'consent.grant': ['consent'],
  'consent.withdraw': ['consent'],
  'consent.confirm': ['consent'],
  'release.revoke': ['release'],
  ...Object.fromEntries(Object.entries(ENTRY_GROUPS).map(([kind, group]) => [kind, [group]])),
  'handoff.record': ['holder', 'status'],
  'decision.record': ['decision'],
  'determination.check': ['decision'],
  'referral.merge': ['merging'],
  'referral.unmerge': ['merging'],
};
/** What a status becomes when a meeting ends so. */
export const HANDOFF_STATUS = {
  in_person: 'handed_off',
  phone: 'handed_off',
  deferred: 'deferred',
  could_not_meet: 'not_met',
} as const satisfies Record<Payloads['handoff.record']['outcome'], Status>;

/** The groups that an operation writes. */
export function groupsOf<K extends Kind>(kind: K, payload: Payloads[K]): ReadonlySet<Group> {
  if ('fields' in payload) return new Set(Object.keys(payload.fields).map(groupOf));
  if ('entry_kind' in payload) return new Set([ENTRY_GROUPS[payload.entry_kind]]);
  if ('key' in payload) return new Set([groupOf(payload.key)]);
  return new Set(ACT_GROUPS[kind]);
}

/** What was given has no canonical text; the message names where and what. */
export class NotCanonical extends Error {
  override name = 'NotCanonical';
}

/** RFC 8785 canonical JSON. Throws `NotCanonical` for fractions, unsafe integers, lone surrogates and non-JSON. */
export function canonical(value: unknown): string {
  check(value, '$');
  return canonicalize(value) as string;
}

/** The canonical members of an object with plain names. Sorted as texts they stand in canonical order. */
const membersOf = (object: object): string[] =>
  Object.entries(object).map(([name, value]) => `"${name}":${canonical(value)}`);

const joined = (members: string[]): string => `{${members.sort().join(',')}}`;

/** The text that the digest covers and the device signs (ECDSA P-256 with SHA-256). */
export function signedText(envelope: Unsigned | Envelope): string {
  const { digest: _, sig: __, ...covered } = envelope as Envelope;
  return joined(membersOf(covered));
}

/** SHA-256 (hex) of the canonical envelope without `digest` and `sig`. */
export const digestOf = (envelope: Unsigned | Envelope): Promise<string> => digestOfText(signedText(envelope));

async function digestOfText(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The envelope with its digest and signature, and its canonical text; every part is written out once. */
export async function completed(
  unsigned: Unsigned,
  sign: (text: string) => Promise<string | null>,
): Promise<{ envelope: Envelope; text: string }> {
  const members = membersOf(unsigned);
  const covered = joined(members);
  const [digest, sig] = await Promise.all([digestOfText(covered), sign(covered)]);
  return { envelope: { ...unsigned, digest, sig }, text: joined([...members, ...membersOf({ digest, sig })]) };
}

/** The library would drop, round or escape these without a word, and the server would refuse the operation for ever. */
function check(value: unknown, where: string): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new NotCanonical(`${where}: ${value} is not a whole number within 2^53-1.`);
  } else if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new NotCanonical(`${where}: the text holds half a character.`);
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) check(value[index], `${where}[${index}]`);
  } else if (typeof value === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    for (const [key, member] of Object.entries(value)) {
      check(key, `${where} key`);
      check(member, `${where}.${key}`);
    }
  } else {
    throw new NotCanonical(`${where}: JSON has no ${typeof value === 'object' ? 'such object' : typeof value}.`);
  }
}
