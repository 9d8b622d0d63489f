/** Whether the program has accepted the person: from then on an officer is told the state and nothing of the person. Pure. */
import type { Role } from '../../domain/fields.ts';
import type { ReferralRecord } from '../../state/types.ts';

/**
 * The server says that consent stands or was taken back, and shows none: an officer's own referral always shows its consent
 * before. Without a word from the server nothing is claimed. A partner is never shown consent, so nothing follows from that.
 */
export function takenOver({ view }: Pick<ReferralRecord, 'view'>, role: Role | undefined): boolean {
  return role === 'officer' && view !== null && (view.consented || view.blocked) && Object.keys(view.consent).length === 0;
}
