/** What is not on the screen, and why: entries that do not open, and what a sign-in or a second factor would show. */
import { clockOff } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { troubled, unreadable } from '../../state/records.ts';
import { factorNeeded, stale } from '../../state/since.ts';
import { Lazy } from './lazy.tsx';
import { times } from './when.tsx';

export function Unread() {
  return (
    <>
      {factorNeeded.value && (
        <p class="state wait">
          {t('factor_wanted')} <a href="#/me/access">{t('factor_add')}</a>
        </p>
      )}
      {clockOff.value !== 0 && <Lazy inside load={times} props={{}} />}
      {stale.value && <p class="state wait">{t('kept_shut')}</p>}
      {troubled.value > 0 && (
        <p class="state wait">
          <a href="#/attention">{tn('troubled', troubled.value)}</a>
        </p>
      )}
      {unreadable.value > 0 && <p class="state bad">{tn('unreadable', unreadable.value)}</p>}
    </>
  );
}
