/** An evaluator's desk: referrals of months that are over, alike ones counted together, and one line for each as a file. */
import { addRoom, t, tn } from '../../state/language.ts';
import { Card, Screen } from '../parts/index.ts';
import { Answer, useAsked } from './asking.tsx';
import { columnWords, valueWords } from './evaluation.ts';
import { askEvaluation, exportEvaluation, type Evaluation } from './server.ts';
import { TakeAway } from './take_away.tsx';

await addRoom('evaluation', {
  en: async () => (await import('../messages/evaluation.en.ts')).en,
  es: async () => (await import('../messages/evaluation.es.ts')).es,
});

export default function EvaluatorsDesk() {
  const [asked, again] = useAsked(askEvaluation);
  return (
    <Screen title={t('eval_title')} wide>
      <p class="soft">{t('eval_lead')}</p>
      <Answer asked={asked} again={again}>
        {(found) => <Found found={found} />}
      </Answer>
      <TakeAway lead={t('eval_csv_lead')} name="evaluation.csv" about="evaluation" ask={exportEvaluation} />
    </Screen>
  );
}

function Found({ found: { smallest_cell, columns, referrals, groups } }: { found: Evaluation }) {
  if (referrals === 0) return <p>{t('eval_none', { n: smallest_cell })}</p>;
  return (
    <>
      <p>{tn('eval_count', referrals, { smallest: smallest_cell })}</p>
      <p class="soft">{t('eval_limits')}</p>
      <h2>{t('eval_table')}</h2>
      <ul class="adm-list">
        {groups.map((group) => (
          <li key={group.values.join('|')}>
            <Alike group={group} columns={columns} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Alike({ group: { values, count }, columns }: { group: Evaluation['groups'][number]; columns: readonly string[] }) {
  return (
    <Card title={tn('eval_alike', count)}>
      <dl class="facts">
        {columns.flatMap((column, place) => [
          <dt key={`${column}-label`}>{columnWords(column)}</dt>,
          <dd key={column}>{valueWords(column, values[place] ?? '')}</dd>,
        ])}
      </dl>
    </Card>
  );
}
