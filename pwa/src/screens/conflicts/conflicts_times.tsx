/** Where one time would not be the whole truth: when it was done, when it arrived, and how wrong the phone's clock was or is. */
import type { Timing } from '../../domain/times.ts';
import { clockOff, now } from '../../state/clock.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { ago } from '../../state/times.ts';
import { When } from '../parts/when.tsx';
import { lengthOf } from './lengths.ts';

function Times({ of: { at, received, off_ms } }: { of: Timing }) {
  // "About just now" would say less than "just now".
  const about = off_ms === undefined || ago(at, now.value) === null ? '' : `${t('times_about')} `;
  return (
    <>
      {`${t('times_captured')} ${about}`}
      <When at={at} />
      {received !== undefined && (
        <>
          {`, ${t('times_arrived')} `}
          <When at={received} />
        </>
      )}
      {off_ms !== undefined && ` (${t(off_ms > 0 ? 'times_slow' : 'times_fast', { length: lengthOf(off_ms, shownLanguage.value) })})`}
    </>
  );
}

/** That this phone's own clock is wrong, for whoever holds it: its times are corrected, but only the person can set it. */
function OwnClock() {
  const off_ms = clockOff.value;
  const length = lengthOf(off_ms, shownLanguage.value);
  return <p class="state wait">{t(off_ms > 0 ? 'times_own_slow' : 'times_own_fast', { length })}</p>;
}

/** Of an operation; of nothing: of this phone. */
export default function TimesTold({ of }: { of?: Timing }) {
  return of === undefined ? <OwnClock /> : <Times of={of} />;
}
