/** The codes that a coordinator chooses from, in the order in which they are offered. The words are in the dictionaries. */
import type { Payloads } from '../../domain/operation.ts';

type HandoffCode = Payloads['handoff.record']['outcome'];
type DecisionCode = Payloads['decision.record']['outcome'];
type ClosingCode = Payloads['referral.close']['reason'];
type HowCode = Payloads['contact.add']['how'];
type ResultCode = Payloads['contact.add']['result'];

export const HANDOFFS: readonly HandoffCode[] = ['in_person', 'phone', 'deferred', 'could_not_meet'];
export const DECISIONS: readonly DecisionCode[] = ['accepted', 'not_eligible', 'waitlist', 'redirected'];
/** No reason may express a failed test, relapse or non-compliance. */
export const CLOSINGS: readonly ClosingCode[] = [
  'declined', 'could_not_be_reached', 'person_left', 'not_eligible', 'referred_elsewhere', 'transitioned_out', 'asked_to_leave',
  'moved_or_died', 'entered_by_mistake',
];
export const HOWS: readonly HowCode[] = ['in_person', 'phone', 'message', 'other'];
export const RESULTS: readonly ResultCode[] = ['reached', 'not_reached'];
