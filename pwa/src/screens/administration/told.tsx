/** Whom a referral was disclosed to, when and under which release; which releases are in force; and all of it as a file. */
import type { Release } from '../../domain/releases.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { today } from '../../state/packs.ts';
import { record as recordOf } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { calendarDate } from '../coordinator/wording.ts';
import { Card, Screen, When } from '../parts/index.ts';
import { Answer, useAsked } from './asking.tsx';
import { askTold, exportTold, type Accounting, type DisclosureEntry } from './server.ts';
import { TakeAway } from './take_away.tsx';
import { informationWords, standingReleases, underWords } from './told.ts';

export default function Told({ id }: { id: string }) {
  const record = recordOf(id);
  const number = record?.number ?? null;
  const [asked, again] = useAsked(() => askTold(id), id);
  return (
    <Screen title={number === null ? t('told_title') : t('told_title_of', { number })} wide back={() => go(`/referral/${id}`)}>
      <p class="soft">{t('told_lead')}</p>
      <InForce record={record} />
      <section class="stack" aria-labelledby="told-lines">
        <h2 id="told-lines">{t('told_lines')}</h2>
        <Answer asked={asked} again={again}>
          {(accounting) => <Lines accounting={accounting} />}
        </Answer>
      </section>
      <TakeAway lead={t('told_csv_lead')} name="disclosures.csv" about={id} ask={() => exportTold(id)} />
    </Screen>
  );
}

function InForce({ record }: { record: ReferralRecord | undefined }) {
  const standing = record ? standingReleases(record.state, today.value) : [];
  return (
    <Card title={t('told_in_force')}>
      {!record && <p class="soft">{t('told_not_here')}</p>}
      {record && standing.length === 0 && <p class="soft">{t('release_none')}</p>}
      <ul class="adm-list">
        {standing.map(([release_id, release]) => (
          <Standing key={release_id} release={release} />
        ))}
      </ul>
    </Card>
  );
}

function Standing({ release: { payload } }: { release: Release }) {
  const { recipient, information, purpose, expires_on } = payload;
  return (
    <li>
      <p>
        <strong>{`${t(`release_to_${recipient.kind}`)} · ${recipient.name}`}</strong>
      </p>
      <p>{informationWords(information)}</p>
      <p class="soft">{t('told_until', { purpose, date: calendarDate(expires_on) })}</p>
    </li>
  );
}

function Lines({ accounting: { entries, more } }: { accounting: Accounting }) {
  if (entries.length === 0) return <p>{t('told_none')}</p>;
  return (
    <>
      <ol class="history">
        {entries.map((entry, place) => (
          <Line key={`${place}|${entry.at}`} entry={entry} />
        ))}
      </ol>
      {more && <p class="soft">{t('told_more')}</p>}
    </>
  );
}

function Line({ entry }: { entry: DisclosureEntry }) {
  const { at, to, to_role, information } = entry;
  return (
    <li>
      <When at={at} /> <strong>{`${to || t('told_somebody')} · ${t(`role_${to_role}` as MessageKey)}`}</strong> · {informationWords(information)}
      <span class="soft"> {underWords(entry)}</span>
    </li>
  );
}
