/**
 * What a refusal means for whoever wrote the entry: the sentence that says why, and what they can do. Pure.
 *
 * Every reason of `docs/protocol.md` that is no `retry` has its row; one that this app does not know yet is a person's to explain.
 */
import type { Kind } from '../../domain/operation.ts';
import type { MessageKey } from '../../state/language.ts';

/** correct: written anew. again: sealed and sent anew. person: a supervisor decides. wait: counts by itself. call: nothing here. */
export type Way = 'correct' | 'again' | 'person' | 'wait' | 'call';

export const WAYS: Readonly<Record<string, Way>> = {
  payload: 'correct',
  too_large: 'correct',
  not_permitted: 'correct',
  consent_missing: 'correct',
  op_id_reuse: 'correct',
  envelope: 'correct',
  not_json: 'correct',
  not_canonical: 'correct',
  wrong_digest: 'correct',
  signature: 'correct',
  not_this_device: 'correct',
  cannot_open: 'again',
  header: 'again',
  header_mismatch: 'again',
  unsigned: 'person',
  device_revoked: 'person',
  user_inactive: 'person',
  no_role: 'person',
  unknown_referral: 'wait',
  unknown_entry: 'wait',
  not_alerted: 'wait',
  already_created: 'call',
  reserved_device: 'call',
  expunged: 'call',
};

export const wayOf = (reason: string | null): Way => WAYS[reason ?? ''] ?? 'call';

export const whyKey = (reason: string | null): MessageKey => (reason !== null && reason in WAYS ? `att_why_${reason}` : 'att_why_other') as MessageKey;

/** The texts of an act that its author typed, by the name they have in the payload. Codes are chosen, not typed. */
const TYPED: { readonly [kind in Kind]?: readonly string[] } = {
  'note.add': ['text'],
  'contact.add': ['text'],
  'safety.add': ['text'],
  'consent.grant': ['witness', 'interpreter', 'camera_reference'],
  'consent.withdraw': ['reason'],
  'entry.strike': ['reason'],
  'decision.record': ['reason'],
  'approval.add': ['by_name'],
  'override.add': ['reason', 'by_name'],
  'release.give': ['purpose'],
  'release.revoke': ['reason'],
};

export const typedTexts = (kind: Kind): readonly string[] => TYPED[kind] ?? [];
