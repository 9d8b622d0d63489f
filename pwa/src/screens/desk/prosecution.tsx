/** A prosecutor's arrest diversions: the packet of the police, and what each participant released, as it stands right now. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { people, records } from '../../state/records.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card } from '../parts/index.ts';
import { officerOf, read } from '../coordinator/reading.ts';
import { calendarDate, chargeTitle } from '../coordinator/wording.ts';
import { askDisclosed, type Disclosed, type Told } from './prosecution.ts';

type Asked = { state: 'asking' | 'unreachable' } | { state: 'told'; told: Told };

function useDisclosed(): [Asked, () => void] {
  const [asked, setAsked] = useState<Asked>({ state: 'asking' });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    setAsked({ state: 'asking' });
    askDisclosed().then(
      (told) => current && setAsked({ state: 'told', told }),
      () => current && setAsked({ state: 'unreachable' }),
    );
    return () => {
      current = false;
    };
  }, [attempt]);
  return [asked, () => setAttempt(attempt + 1)];
}

type Rows = [label: string, value: string][];

function Facts({ rows }: { rows: Rows }) {
  return <dl class="facts">{rows.flatMap(([label, value]) => [<dt key={`${label}-label`}>{label}</dt>, <dd key={label}>{value}</dd>])}</dl>;
}

const STATUSES: readonly string[] = ['submitted', 'acknowledged', 'not_met', 'deferred', 'handed_off', 'closed'];
type Status = 'submitted' | 'acknowledged' | 'not_met' | 'deferred' | 'handed_off' | 'closed';

function rowsOf({ intake, enrolled, status }: Disclosed['facts']): Rows {
  const rows: Rows = [];
  if (intake) {
    const done = intake.done_on ? t('prosecution_intake_done', { date: calendarDate(intake.done_on) }) : t('prosecution_intake_open');
    rows.push([t('prosecution_intake'), done]);
  }
  if (enrolled !== null) rows.push([t('prosecution_enrolled'), t(enrolled ? 'yes' : 'no')]);
  if (status !== null && STATUSES.includes(status)) rows.push([t('prosecution_status'), t(`prosecution_status_${status as Status}`)]);
  return rows;
}

function Released({ found, notice }: { found: Disclosed; notice: string }) {
  return (
    <>
      <Facts rows={rowsOf(found.facts)} />
      {found.scope.map(({ release, purpose, expires_on }) => (
        <p key={release} class="soft">
          {t('prosecution_scope', { purpose, date: calendarDate(expires_on) })}
        </p>
      ))}
      {/* The words of the regulation, in its own language. */}
      <p class="notice" lang="en">
        {notice}
      </p>
    </>
  );
}

function Arrest({ record, asked }: { record: ReferralRecord; asked: Asked }) {
  const given = (value: string | undefined): string => value || t('prosecution_missing');
  const due = read<string>(record, 'due_on');
  const packet: Rows = [
    [t('prosecution_case'), given(read<string>(record, 'case_number'))],
    [t('prosecution_charges'), given((read<string[]>(record, 'charges') ?? []).map(chargeTitle).join(', '))],
    [t('prosecution_due'), given(due && calendarDate(due))],
    [t('prosecution_officer'), given(people.value[officerOf(record) ?? '']?.name)],
  ];
  const found = asked.state === 'told' ? asked.told.referrals.get(record.id) : undefined;
  return (
    <Card title={record.number === null ? t('staff_no_number') : t('staff_number', { number: record.number })}>
      <Facts rows={packet} />
      {asked.state === 'told' && !found && <p class="soft">{t('prosecution_unreleased')}</p>}
      {asked.state === 'told' && found && <Released found={found} notice={asked.told.notice} />}
    </Card>
  );
}

export default function Prosecution() {
  const [asked, again] = useDisclosed();
  const list = records.value.toSorted((a, b) => (a.made_at < b.made_at ? 1 : -1));
  return (
    <section class="stack" aria-labelledby="prosecution">
      <h2 id="prosecution">{t('prosecution_title')}</h2>
      <div role="status">
        {asked.state === 'asking' && <p class="soft">{t('prosecution_asking')}</p>}
        {asked.state === 'unreachable' && <p class="state wait">{t('prosecution_unreachable')}</p>}
      </div>
      {asked.state === 'told' && <p class="soft">{t('prosecution_accounted')}</p>}
      {asked.state !== 'asking' && <Button onClick={again}>{t('prosecution_ask')}</Button>}
      {list.length === 0 && <p class="soft">{t('prosecution_none')}</p>}
      {list.map((record) => (
        <Arrest key={record.id} record={record} asked={asked} />
      ))}
    </section>
  );
}
