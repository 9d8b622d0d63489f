/** After an offer that led to no referral: what was kept and what was not. */
import { t } from '../../state/language.ts';
import { goInstead } from '../../state/router.ts';
import { Button, Screen } from '../parts/index.ts';

export function Ended({ how }: { how: string }) {
  const counted = how === 'declined' || how === 'walked_away';
  return (
    <Screen
      title={t('officer_nothing_kept')}
      main={
        <Button kind="act" onClick={() => goInstead('/')}>
          {t('done')}
        </Button>
      }
    >
      <p>{t(how === 'declined' ? 'officer_ended_declined' : how === 'walked_away' ? 'officer_ended_left' : 'officer_ended_stopped')}</p>
      <p class="soft">{t(counted ? 'officer_counted' : 'officer_not_counted')}</p>
    </Screen>
  );
}
