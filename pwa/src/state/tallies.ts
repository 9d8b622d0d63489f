/** An offer that ended without a referral: a count and nothing else. Kept on the phone until the server has counted it. */
import { storeTally, type TallyBody } from '../transport/tallies.ts';
import { present } from './clock.ts';
import { exchangeSoon } from './connection.ts';
import { me } from './phase.ts';
import { database } from './phone.ts';

export type Tally = Pick<TallyBody, 'pathway' | 'answer' | 'reason' | 'demographics'>;

/** Resolves when the count is on the phone. The month is all that is kept of the time. */
export async function tally(counted: Tally): Promise<void> {
  const who = me.peek();
  if (!who) return;
  const month = new Date(present()).toISOString().slice(0, 'YYYY-MM'.length);
  await storeTally(database, who.device_id, { agency_id: who.agency_id, month, ...counted });
  exchangeSoon();
}
