/** Said before sending: somebody else changed this while the form was open. One tap a field. */
import { t } from '../../state/language.ts';
import { Button, Card, WhenDone } from '../parts/index.ts';
import { nameOf } from '../coordinator/names.ts';
import { fieldName, valueInWords } from '../coordinator/wording.ts';
import type { Change } from './meanwhile.ts';

export interface MeanwhileProps {
  changes: readonly Change[];
  keepMine: (change: Change) => void;
  leaveTheirs: (change: Change) => void;
}

export function Meanwhile({ changes, keepMine, leaveTheirs }: MeanwhileProps) {
  return (
    <Card title={t('conflicts_meanwhile_title')} tone="wait">
      <p class="soft" role="status">
        {t('conflicts_meanwhile_lead')}
      </p>
      {changes.map((change) => (
        <section key={change.key} class="conflict" aria-label={fieldName(change.key)}>
          <h3>{fieldName(change.key)}</h3>
          <p>{t('conflicts_meanwhile_now', { value: valueInWords(change.key, change.theirs) })}</p>
          <p class="soft">
            {`${nameOf(change.by)} · `}
            <WhenDone of={change.times} />
          </p>
          <Button onClick={() => leaveTheirs(change)}>
            {t('conflicts_meanwhile_theirs', { value: valueInWords(change.key, change.theirs) })}
          </Button>
          <Button onClick={() => keepMine(change)}>{t('conflicts_meanwhile_mine', { value: valueInWords(change.key, change.mine) })}</Button>
        </section>
      ))}
    </Card>
  );
}
