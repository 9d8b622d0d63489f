/** Told to the one whose value lost, until they have seen it: which field, and what stands now, where they may read it. */
import { useState } from 'preact/hooks';
import { sawGaveWay } from '../../state/gave_way.ts';
import { t } from '../../state/language.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, WhenDone } from '../parts/index.ts';
import { nameOf } from '../coordinator/names.ts';
import { fieldName, valueInWords } from '../coordinator/wording.ts';
import { gaveWay, type GaveWay as Lost } from './disagreements.ts';

function Line({ lost: { key, stands } }: { lost: Lost }) {
  const field = fieldName(key);
  if (stands === undefined) return <li>{t('conflicts_told_unread', { field })}</li>;
  return (
    <li>
      {t('conflicts_told', { field, value: valueInWords(key, stands.value) })}
      <p class="soft">
        {`${nameOf(stands.by)} · `}
        <WhenDone of={stands.times} />
      </p>
    </li>
  );
}

export function GaveWay({ record, user_id, chosen }: { record: ReferralRecord; user_id: string; chosen: readonly string[] }) {
  const [busy, setBusy] = useState(false);
  const lost = gaveWay(record, user_id).filter(({ key }) => !chosen.includes(key));
  if (lost.length === 0) return null;
  const seen = (): void => {
    setBusy(true);
    // All that is told of this referral: what stands by one's own hand by now needs no more telling either.
    void sawGaveWay(record.id, record.gave_way ?? []).finally(() => setBusy(false));
  };
  return (
    <Card title={t('conflicts_told_title')} tone="wait">
      <ul class="conflict-told">
        {lost.map((each) => (
          <Line key={each.key} lost={each} />
        ))}
      </ul>
      <Button busy={busy} onClick={seen}>
        {t('conflicts_seen')}
      </Button>
    </Card>
  );
}
