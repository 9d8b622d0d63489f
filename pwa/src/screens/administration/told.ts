/** Lines of the accounting and releases in force, in words. */
import { releasesInForce, type Release } from '../../domain/releases.ts';
import type { State } from '../../domain/records.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { calendarDate } from '../coordinator/wording.ts';
import type { DisclosureEntry } from './server.ts';

/** Those in force on a day, the one that ends first before the others. */
export const standingReleases = (state: State, today: string): [id: string, release: Release][] =>
  Object.entries(releasesInForce(state, today)).toSorted(([, a], [, b]) => a.payload.expires_on.localeCompare(b.payload.expires_on));

/** What a release names, in words; a code that this version does not know is shown as it is. */
export const informationWords = (codes: readonly string[]): string =>
  codes
    .map((code) => {
      const key = `release_of_${code}`;
      const found = t(key as MessageKey);
      return found === key ? code : found;
    })
    .join(' · ');

/** Under which release somebody was told. */
export function underWords({ recipient, purpose, expires_on }: DisclosureEntry): string {
  if (recipient === null || purpose === null || expires_on === null) return t('told_under_erased');
  return t('told_under', { recipient, purpose, date: calendarDate(expires_on) });
}
