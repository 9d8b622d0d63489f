/** One referral at a supervisor's desk: how far it is, who has it, giving it to somebody, and its history. No clinical content. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { useOpening } from '../../state/openings.ts';
import { people } from '../../state/records.ts';
import { shortReference } from '../../state/reference.ts';
import { me, program } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, CallButton, Card, ErrorSummary, Field, LinkButton, StateLine } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { DifferenceLine } from '../coordinator/approvals.tsx';
import { ETA_MINUTES, sawOf } from '../coordinator/inbox.ts';
import { agencyOf, isClosed, isUnanswered, isWithdrawn, officerOf, pathwayOf, read } from '../coordinator/reading.ts';
import { officerWaits } from '../coordinator/times.ts';
import { useSubmit } from '../coordinator/use_submit.ts';
import { Select } from './filters.tsx';
import { limitsOf, rowOf } from './queue.ts';
import { lateWords, nameOf, standingWords, word } from './words.ts';

const administration = lazily(() => import('../administration/index.tsx'));
const whoWasCalled = lazily(() => import('./timeline.tsx'), 'called');
const conflicts = lazily(() => import('../conflicts/index.tsx'), 'coordinator', 'conflicts');
const UNSENT: readonly string[] = ['saved', 'sending', 'not_sent', 'attention'];

function consentWords(record: ReferralRecord): string {
  if (isWithdrawn(record)) return t('desk_consent_withdrawn');
  const given = record.view?.consented === true || Object.values(record.state.consent).some(({ kind }) => kind === 'grant');
  return t(given ? 'desk_consent_given' : 'desk_consent_none');
}

function pageWords({ page }: ReferralRecord): string {
  if (page === null) return t('desk_paged_none');
  if (page.state !== 'open') return t(`desk_paged_${page.state}`);
  const next = page.next_step_at && t('desk_next_page', { time: exactly(page.next_step_at, now.value) });
  return [t(`desk_paged_${page.calling}`), next].filter(Boolean).join(' · ');
}

function waitWords(record: ReferralRecord): string {
  const limit = officerWaits(record);
  if (limit === undefined) return t('desk_not_given');
  return limit.cannot_wait ? t('desk_cannot_wait') : exactly(limit.until_ms, now.value);
}

function Facts({ record }: { record: ReferralRecord }) {
  const pathway = pathwayOf(record);
  const decision = read<{ outcome: string }>(record, 'decision')?.outcome;
  const agency = program.value?.agencies.find(({ id }) => id === agencyOf(record))?.name;
  const rows: [string, string][] = [
    [t('desk_place'), read<string>(record, 'place') ?? t('desk_not_given')],
    [t('desk_waits'), waitWords(record)],
    [t('desk_paged'), pageWords(record)],
    [t('desk_consent'), consentWords(record)],
  ];
  if (decision !== undefined) rows.push([t('desk_decision'), word('decision', decision)]);
  if (agency !== undefined) rows.push([t('desk_agency'), agency]);
  return (
    <Card>
      <p>{[pathway && word('pathway', pathway), t('desk_officer', { name: nameOf(officerOf(record)) })].filter(Boolean).join(' · ')}</p>
      <dl class="facts">
        {rows.flatMap(([label, value]) => [<dt key={`${label}-label`}>{label}</dt>, <dd key={label}>{value}</dd>])}
      </dl>
      <p class="soft">{t('desk_no_content')}</p>
    </Card>
  );
}

/** Giving is asking: the person given it still has to answer, and the page goes on until somebody does. */
function Give({ record }: { record: ReferralRecord }) {
  const [to, setTo] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const choices = (program.value?.people ?? []).filter(({ role }) => role === 'coordinator' || role === 'case_manager');
  const give = async (): Promise<void> => {
    setMissing(to === null);
    if (to === null) return;
    if (!(await send([{ kind: 'referral.assign', payload: { user_id: to }, saw: sawOf(record) }]))) return;
    announce(t('desk_given', { name: nameOf(to) }));
    setTo(null);
  };
  if (choices.length === 0) return <p class="soft">{t('desk_no_people')}</p>;
  return (
    <Card title={t('desk_give')}>
      <ErrorSummary errors={missing ? [{ field: 'give-to', text: t('desk_give_missing') }] : []} />
      <Field id="give-to" label={t('desk_coordinator')} error={missing ? t('desk_give_missing') : undefined}>
        <Select value={to} none={t('desk_give_choose')} choices={choices} onChoose={setTo} />
      </Field>
      <Button busy={busy} onClick={() => void give()}>
        {t('desk_give_save')}
      </Button>
      {failed && <Failed />}
    </Card>
  );
}

function Failed() {
  return (
    <p class="state bad" role="alert">
      {t('desk_failed')}
    </p>
  );
}

/** Supervisors are paged when no coordinator answers, so they can answer as well. */
function Take({ record }: { record: ReferralRecord }) {
  const { busy, failed, send } = useSubmit(record.id);
  const take = (eta_minutes: number): void => {
    void send([{ kind: 'page.acknowledge', payload: { eta_minutes, user_id: null }, saw: sawOf(record) }]);
  };
  return (
    <Card title={t('desk_take')}>
      <div class="take" role="group" aria-label={t('desk_take')}>
        {ETA_MINUTES.map((each) => (
          <Button key={each} busy={busy} label={`${t('desk_take')} ${t('desk_minutes', { n: each })}`} onClick={() => take(each)}>
            {t('desk_minutes', { n: each })}
          </Button>
        ))}
      </div>
      {failed && <Failed />}
    </Card>
  );
}

const differs = ({ state, gave_way = [] }: ReferralRecord): boolean => Object.keys(state.conflicts).length + gave_way.length > 0;

export function Detail({ record }: { record: ReferralRecord }) {
  useOpening(record.id);
  const row = rowOf(record, people.value, limitsOf(program.value), now.value);
  const unanswered = isUnanswered(record, people.value);
  const callback = read<string>(record, 'callback');
  return (
    <article class="stack" aria-labelledby="detail-title">
      <h2 id="detail-title">{record.number === null ? t('desk_title_plain') : t('desk_title', { number: record.number })}</h2>
      <p class="soft">{t('staff_reference', { code: shortReference(record.id) })}</p>
      <p class={`state ${unanswered ? 'wait' : 'plain'}`}>{standingWords(row)}</p>
      {unanswered && <p class="age">{lateWords(row)}</p>}
      <DifferenceLine record={record} />
      {me.value?.role === 'supervisor' && differs(record) && <Lazy inside load={conflicts} props={{ what: 'cards', record }} />}
      {UNSENT.includes(record.word) && <StateLine record={record} />}
      <div class="actions">
        {callback && <CallButton number={callback} name={t('desk_the_officer')} />}
        <LinkButton to={`/referral/${record.id}/history`}>{t('desk_history')}</LinkButton>
      </div>
      <Facts record={record} />
      <Lazy inside load={whoWasCalled} props={{ id: record.id }} />
      {!isClosed(record) && me.value?.role === 'supervisor' && (
        <>
          <Give record={record} />
          {unanswered && <Take record={record} />}
        </>
      )}
      {me.value?.role === 'supervisor' && <Lazy inside load={administration} props={{ what: 'keeping', id: record.id }} />}
    </article>
  );
}
