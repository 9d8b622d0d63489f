/**
 * The consent operations made in this sitting, by referral.
 *
 * The referral's own state names them too, except while the phone writes without being unlocked and cannot read back
 * what it has stored. Kept in memory only: ids, no content.
 */
const grants = new Map<string, string>();

export function rememberGrant(referral_id: string, op_id: string | undefined): void {
  if (op_id !== undefined) grants.set(referral_id, op_id);
}

export const rememberedGrant = (referral_id: string): string | null => grants.get(referral_id) ?? null;
