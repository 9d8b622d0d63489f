/**
 * Which releases of information are in force on a day: the twin of `sync/in_force.py`.
 *
 * In force is what was not taken back, has not run out, and was signed in sight of every withdrawal of consent, of which none
 * may stand: who withdraws ends every release, and a later yes to being referred brings none of them back.
 */
import { blocked } from './fold.ts';
import type { EntryOf, State } from './records.ts';

export type Release = EntryOf<'release.give'>;

/** All releases that a referral has, by id. */
export const releasesOf = ({ entries }: Pick<State, 'entries'>): Record<string, Release> =>
  Object.fromEntries(Object.entries(entries).filter(([, { kind }]) => kind === 'release.give')) as Record<string, Release>;

/** Those in force, by id. `today` is the date (YYYY-MM-DD) in the program's time zone; a release holds through its last day. */
export function releasesInForce(state: State, today: string): Record<string, Release> {
  if (blocked(state)) return {};
  const withdrawals = Object.keys(state.consent).filter((op) => state.consent[op]?.kind === 'withdrawal');
  const standing = Object.entries(releasesOf(state)).filter(
    ([id, { payload, saw = [] }]) =>
      state.strikes[id] === undefined && today <= payload.expires_on && withdrawals.every((op) => saw.includes(op)),
  );
  return Object.fromEntries(standing);
}
