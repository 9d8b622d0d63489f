/** One of my phones: whether it is reached, since when, and what came of its last test. */
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { exactly } from '../../state/times.ts';
import { Card } from '../parts/screen.tsx';
import { When } from '../parts/when.tsx';
import { outcomeOf, type Before, type Handset } from './ways.ts';

interface PhoneProps {
  phone: Handset;
  /** Its place in the list: phones have no names. */
  number: number;
  test: { before: Before; patient: boolean } | null;
}

export function PhoneCard({ phone, number, test }: PhoneProps) {
  const gone = phone.disabled_at !== null;
  return (
    <Card title={phone.mine_now ? t('reached_this_phone') : t('reached_other_phone', { n: number })} tone={gone ? 'bad' : undefined}>
      {gone ? (
        <p class="state bad">{t(phone.mine_now ? 'reached_gone_here' : 'reached_gone')}</p>
      ) : (
        <p class={phone.last_ok_at === null ? 'state plain' : 'state good'}>
          {phone.last_ok_at === null ? (
            t('reached_registered')
          ) : (
            <span>
              {t('reached_last')} <When at={phone.last_ok_at} />
            </span>
          )}
        </p>
      )}
      <Tested phone={phone} test={test} />
    </Card>
  );
}

function Tested({ phone, test }: Pick<PhoneProps, 'phone' | 'test'>) {
  const outcome = outcomeOf(phone, test?.before ?? null, test?.patient === true);
  switch (outcome) {
    case 'shown':
      return <p class="state good">{t('reached_shown', { time: exactly(phone.last_test!.seen_at!, now.value) })}</p>;
    case 'waiting':
      return <p class="state wait">{t('reached_waiting')}</p>;
    case 'silent':
      return <p class="state bad">{t('reached_silent')}</p>;
    case 'none':
      return <p class="soft">{t('reached_untested')}</p>;
  }
}
