/** An instant, relative and exact together, "4 min ago, 02:14"; and what must be said besides where one time is not the whole truth. */
import type { Timing } from '../../domain/times.ts';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { ago, exactly } from '../../state/times.ts';
import { Lazy, lazily } from './lazy.tsx';

export const times = lazily(() => import('../conflicts/conflicts_times.tsx'), 'conflicts');

/** What is past is never shown as yet to come, whatever a clock says. */
export function When({ at }: { at: string | number }) {
  const past = Math.min(new Date(at).getTime(), now.value);
  const time = exactly(past, now.value);
  return <time dateTime={new Date(past).toISOString()}>{t('ago', { ago: ago(past, now.value) ?? t('just_now'), time })}</time>;
}

/** When something was done, as far as it is known. */
export function WhenDone({ of }: { of: Timing }) {
  const plain = <When at={of.at} />;
  if (of.received === undefined && of.off_ms === undefined) return plain;
  return <Lazy inside until={plain} load={times} props={{ of }} />;
}
