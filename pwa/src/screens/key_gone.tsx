/** Nothing opens this phone any more: after ten wrong passphrases, or because it was removed. What remains all the same. */
import { t } from '../state/language.ts';
import { chooseOfficer, signInInstead } from '../state/session.ts';
import { Button } from './parts/button.tsx';
import { Screen } from './parts/screen.tsx';
import { WithoutKey } from './unlock.tsx';

export default function KeyGone({ guessed }: { guessed: boolean }) {
  return (
    <Screen
      title={t(guessed ? 'wraps_gone_title' : 'removed_title')}
      main={
        <Button kind="act" onClick={signInInstead}>
          {t('sign_in')}
        </Button>
      }
    >
      <p>{t(guessed ? 'wraps_gone_lead' : 'removed_lead')}</p>
      <WithoutKey />
      <Button kind="quiet" onClick={() => chooseOfficer(null)}>
        {t('switch_officer')}
      </Button>
    </Screen>
  );
}
