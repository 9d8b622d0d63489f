/** Where the program leaves it to the officer before anything else: offer LEAD, or book as usual and keep nothing. */
import { t } from '../../state/language.ts';
import { Button } from '../parts/index.ts';
import { End, Step } from './step.tsx';
import type { Way } from './way.ts';

export function Decide({ way }: { way: Way }) {
  const main = (
    <Button kind="act" onClick={() => way.next()}>
      {t('officer_divert')}
    </Button>
  );
  return (
    <Step way={way} title={t('officer_decide')} main={main}>
      <p>{t('officer_decide_lead')}</p>
      <End way={way}>{t('officer_book')}</End>
    </Step>
  );
}
