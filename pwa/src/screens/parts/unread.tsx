/** What is not on the screen, and why: entries that do not open, and what a sign-in or a second factor would show. */
import { t, tn } from '../../state/language.ts';
import { unreadable } from '../../state/records.ts';
import { factorNeeded, stale } from '../../state/since.ts';

export function Unread() {
  return (
    <>
      {factorNeeded.value && (
        <p class="state wait">
          {t('factor_wanted')} <a href="#/me/access">{t('factor_add')}</a>
        </p>
      )}
      {stale.value && <p class="state wait">{t('kept_shut')}</p>}
      {unreadable.value > 0 && <p class="state bad">{tn('unreadable', unreadable.value)}</p>}
    </>
  );
}
