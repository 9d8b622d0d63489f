/** One referral as a coordinator needs it: where and until when at the top, "still wants this?" before anything else is asked. */
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../../state/connection.ts';
import { t } from '../../state/language.ts';
import { useOpening } from '../../state/openings.ts';
import { people } from '../../state/records.ts';
import { shortReference } from '../../state/reference.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, LinkButton, Screen } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { EtaButtons, SomebodyWasFirst } from './answer.tsx';
import { Consent, StillWants } from './consent.tsx';
import { Contacts, Notes } from './log.tsx';
import { gotThereFirst } from './inbox.ts';
import { tellOpened } from './opened.ts';
import { Closing, Decision, Handoff } from './outcome.tsx';
import { CallOfficer, Needs, Safety, Where, Who, Why } from './person.tsx';
import { holderOf, isClosed, isUnanswered, isWithdrawn, read, register, statusOf } from './reading.ts';
import { Conflicts, Timeline } from './told.tsx';

/** The evaluator comes with it: an inbox at night does not wait for that. */
const rules = lazily(() => import('./rules_room.tsx'));

const merging = lazily(() => import('./merging.tsx'), 'merging');

const whoWasCalled = lazily(() => import('../desk/timeline.tsx'), 'called');

/** The server's own word that this person has it: before that it has no acknowledgement that opening could keep alive. */
function heldByMe(record: ReferralRecord): string | undefined {
  const holder = record.view?.registers['holder'];
  const who = (holder?.value as { user_id?: string } | null | undefined)?.user_id;
  return who !== undefined && who === me.value?.user_id && statusOf(record) === 'acknowledged' ? holder?.op : undefined;
}

function useOpened(record: ReferralRecord): void {
  const acknowledgement = heldByMe(record);
  const connected = connection.value === 'connected';
  useEffect(() => {
    if (acknowledgement !== undefined && connected) tellOpened(record.id, acknowledgement);
  }, [record.id, acknowledgement, connected]);
}

/** The one action that is next; nothing once closed. */
function mainAction(record: ReferralRecord) {
  if (isClosed(record)) return null;
  if (isUnanswered(record, people.value)) return <EtaButtons record={record} />;
  const callback = read<string>(record, 'callback');
  if (statusOf(record) === 'acknowledged' && callback) return <CallOfficer number={callback} kind="act" />;
  if (isWithdrawn(record)) return null;
  return (
    <LinkButton kind="act" to={`/referral/${record.id}/assessment`}>
      {t('co_assessment')}
    </LinkButton>
  );
}

function ChangeEta({ record }: { record: ReferralRecord }) {
  const [changing, setChanging] = useState(false);
  const mine = holderOf(record)?.user_id === me.value?.user_id;
  const told_above = gotThereFirst(record, me.value?.user_id ?? '') !== undefined;
  if (told_above || statusOf(record) !== 'acknowledged' || isUnanswered(record, people.value)) return null;
  if (changing) return <EtaButtons record={record} longer />;
  return (
    <Button kind="quiet" onClick={() => setChanging(true)}>
      {t(mine ? 'co_change_eta' : 'co_first_take')}
    </Button>
  );
}

function Content({ record }: { record: ReferralRecord }) {
  if (isWithdrawn(record)) {
    return (
      <Card title={t('co_withdrawn_title')} tone="wait">
        <p>{t('co_withdrawn_lead')}</p>
      </Card>
    );
  }
  return (
    <>
      {!isClosed(record) && <StillWants record={record} />}
      <Who record={record} />
      <Safety record={record} />
      <Needs record={record} />
      <Why record={record} />
      <Lazy inside load={rules} props={{ record, group: undefined }} />
    </>
  );
}

export function Referral({ record }: { record: ReferralRecord }) {
  useOpened(record);
  useOpening(record.id);
  const withdrawn = isWithdrawn(record);
  // Where to go instead comes first; otherwise where the person is does.
  const elsewhere = read(record, 'merged_into') !== undefined;
  return (
    <Screen
      title={record.number === null ? t('co_title_plain') : t('co_title', { number: record.number })}
      progress={t('staff_reference', { code: shortReference(record.id) })}
      back
      main={mainAction(record)}
    >
      <SomebodyWasFirst record={record} />
      {elsewhere && <Lazy inside load={merging} props={{ record }} />}
      <Where record={record} />
      <ChangeEta key={register(record, 'holder')?.op} record={record} />
      {!elsewhere && <Lazy inside load={merging} props={{ record }} />}
      {!withdrawn && <Conflicts record={record} />}
      <Content record={record} />
      <Consent record={record} />
      <LinkButton to={`/referral/${record.id}/releases`}>{t('co_releases')}</LinkButton>
      <Handoff record={record} />
      {!withdrawn && (
        <LinkButton to={`/referral/${record.id}/assessment`}>{t('co_assessment')}</LinkButton>
      )}
      {!withdrawn && (
        <>
          <Decision record={record} />
          <Contacts record={record} />
          <Notes record={record} />
        </>
      )}
      <Timeline record={record} />
      <Lazy inside load={whoWasCalled} props={{ id: record.id }} />
      <Closing record={record} />
    </Screen>
  );
}
