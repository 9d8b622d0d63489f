/** What is behind the glass: the referral's fields as a supervisor sees them, in words. No name, and nothing clinical. */
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { exactly } from '../../state/times.ts';
import { isRecord } from '../../transport/client.ts';
import { fieldName, valueInWords } from '../coordinator/wording.ts';
import { word } from '../desk/words.ts';
import type { Look } from './server.ts';

/** The fields that say something, in the server's order, but its origin, which is told apart; anything that is no register is left out. */
export function shownFields(view: Record<string, unknown>): { key: string; value: unknown }[] {
  const registers = view['registers'];
  if (!isRecord(registers)) return [];
  return Object.entries(registers).flatMap(([key, register]) => {
    const value = isRecord(register) ? register['value'] : null;
    return key === 'origin' || value === null || value === undefined || value === '' ? [] : [{ key, value }];
  });
}

/** Its pathway, as a code. */
export function pathwayOf(view: Record<string, unknown>): string | null {
  const origin = isRecord(view['registers']) ? view['registers']['origin'] : undefined;
  const value = isRecord(origin) ? origin['value'] : undefined;
  return isRecord(value) && typeof value['pathway'] === 'string' ? value['pathway'] : null;
}

export default function Behind({ look: { view, received_at } }: { look: Look }) {
  const pathway = pathwayOf(view);
  return (
    <>
      {pathway && <p>{word('pathway', pathway)}</p>}
      <p>{t('adm_behind_received', { time: exactly(received_at, now.value) })}</p>
      <p>{t(view['consented'] === true ? 'adm_behind_consent' : 'adm_behind_no_consent')}</p>
      <dl class="facts">
        {shownFields(view).flatMap(({ key, value }) => [
          <dt key={`${key}-label`}>{fieldName(key)}</dt>,
          <dd key={key}>{valueInWords(key, value)}</dd>,
        ])}
      </dl>
    </>
  );
}
