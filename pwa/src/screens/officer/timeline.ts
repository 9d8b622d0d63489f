/** What has happened with a referral, as moments in order, from what an officer may see. Pure; words are the screen's. */
import { timesOf, type Timing } from '../../domain/times.ts';
import type { ReferralRecord } from '../../state/types.ts';

export type What = 'begun' | 'agreed' | 'withdrawn' | 'received' | 'called' | 'seen' | 'handed_off' | 'deferred' | 'not_met' | 'left' | 'closed';

export interface Moment extends Timing {
  what: What;
  /** Who did it, where that is a person worth naming. */
  by?: string;
}

type Seen = Pick<ReferralRecord, 'state' | 'page' | 'received_at' | 'made_at'>;

const ENDS: readonly What[] = ['handed_off', 'deferred', 'not_met', 'closed'];

/** How the meeting ended, as far as an officer may know; undefined while it has not. */
export const endOf = ({ state }: Pick<Seen, 'state'>): What | undefined =>
  ENDS.find((each) => each === state.registers['status']?.value);

/** The moments known to this phone, oldest first. A register tells only its latest writing, so nothing older is claimed. */
export function moments(of: Seen): Moment[] {
  const { state, page, received_at, made_at } = of;
  const { origin, status, holder, departure } = state.registers;
  const found: Moment[] = [{ what: 'begun', ...timesOf(origin ?? { at: made_at }) }];
  for (const event of Object.values(state.consent)) found.push({ what: event.kind === 'grant' ? 'agreed' : 'withdrawn', ...timesOf(event) });
  if (received_at !== null) found.push({ what: 'received', at: received_at });
  // A page that reached no phone, or waits for the morning, called nobody.
  if (page && page.calling !== 'nobody' && page.calling !== 'morning') found.push({ what: 'called', at: page.opened_at });
  const who = (holder?.value as { user_id?: string } | null | undefined)?.user_id ?? page?.acknowledged_by;
  if (holder && who) found.push({ what: 'seen', ...timesOf(holder), by: who });
  if (departure) found.push({ what: 'left', ...timesOf(departure) });
  const end = endOf(of);
  if (status && end) found.push({ what: end, ...timesOf(status), by: status.by });
  return found.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
