/** Whether somebody else's word stands against this person's own on a referral: all that an officer's list needs to know. Pure. */
import type { ReferralRecord } from '../../state/types.ts';

export function concerns({ state, gave_way = [] }: Pick<ReferralRecord, 'state' | 'gave_way'>, user_id: string | undefined): boolean {
  const mine = (key: string): boolean => state.registers[key]?.by === user_id;
  return gave_way.some((key) => !mine(key)) || Object.values(state.conflicts).some(({ key, lost_by }) => lost_by === user_id || mine(key));
}
