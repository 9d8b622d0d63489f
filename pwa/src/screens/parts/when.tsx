/** An instant, relative and exact together: "4 min ago, 02:14". */
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { ago, exactly } from '../../state/times.ts';

export function When({ at }: { at: string | number }) {
  const time = exactly(at, now.value);
  const instant = new Date(at).toISOString();
  return <time dateTime={instant}>{t('ago', { ago: ago(at, now.value) ?? t('just_now'), time })}</time>;
}
