/** Two referrals side by side, and the act that makes them one: what comes together, and what somebody will have to decide. */
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, LinkButton, Screen } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { comparison, directed, type Row } from './merging.ts';
import { numberInWords } from './merging_words.ts';
import { nameOf } from './names.ts';
import { isWithdrawn, officerOf, statusOf } from './reading.ts';
import { useSubmit } from './use_submit.ts';
import { fieldName, valueInWords, word } from './wording.ts';
import './merging.css';

function Rows({ rows, into, from }: { rows: Row[]; into: ReferralRecord; from: ReferralRecord }) {
  const said = (key: string, value: unknown): string => (value === undefined ? t('merging_nothing') : valueInWords(key, value));
  return (
    <table class="compared">
      <thead>
        <tr>
          <th scope="col">{t('merging_field')}</th>
          {[into, from].map((each) => (
            <th key={each.id} scope="col">
              {numberInWords(each)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t('merging_begun_by')}</th>
          {[into, from].map((each) => (
            <td key={each.id}>{[nameOf(officerOf(each)), word('status', statusOf(each) ?? 'submitted')].join(' · ')}</td>
          ))}
        </tr>
        {rows.map(({ key, into: one, from: other, outcome }) => (
          <tr key={key} class={outcome}>
            <th scope="row">
              {fieldName(key)} <span class={outcome === 'decide' ? 'state wait' : 'soft'}>{t(`merging_outcome_${outcome}`)}</span>
            </th>
            <td>{said(key, one)}</td>
            <td>{said(key, other)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default function Compare({ record, other }: { record: ReferralRecord; other: ReferralRecord }) {
  const { into, from } = directed(record, other);
  const { busy, failed, send } = useSubmit(from.id);
  const merge = async (): Promise<void> => {
    if (!(await send([{ kind: 'referral.merge', payload: { into: into.id } }]))) return;
    announce(t('merging_merged', { number: numberInWords(into) }));
    go(`/referral/${into.id}`);
  };
  return (
    <Screen
      title={t('merging_title')}
      back
      main={
        <Button kind="act" busy={busy} onClick={() => void merge()}>
          {t('merging_merge', { number: numberInWords(into) })}
        </Button>
      }
    >
      <p>{t('merging_lead', { number: numberInWords(into), other: numberInWords(from) })}</p>
      {(isWithdrawn(into) || isWithdrawn(from)) && (
        <Card title={t('merging_withdrawn_title')} tone="wait">
          <p>{t('merging_withdrawn')}</p>
        </Card>
      )}
      <Rows rows={comparison(into, from)} into={into} from={from} />
      <Failed when={failed} />
      <LinkButton to={`/referral/${record.id}`}>{t('merging_not_the_same')}</LinkButton>
    </Screen>
  );
}
