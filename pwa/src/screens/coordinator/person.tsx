/** Where, who, safety and needs: what a coordinator must know before meeting somebody. */
import { Fragment, type ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { NEEDS, type Need } from '../../domain/fields.ts';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { ago, exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { changedMeanwhile, opOf, type Change } from '../conflicts/meanwhile.ts';
import { Button, CallButton, Card, TickList } from '../parts/index.ts';
import { Lazy } from '../parts/lazy.tsx';
import { Failed, HolderLine } from './answer.tsx';
import { LateArrivalLine, WaitLine, WaitingLine } from './lines.tsx';
import { Byline, Struck, entriesOf } from './entries.tsx';
import { mapLink, usesAppleMaps, type Gps } from './place.ts';
import { pathwayOf, read } from './reading.ts';
import { hasExpired } from './times.ts';
import { useSubmit } from './use_submit.ts';
import { WhoForm, meanwhile } from './who_form.tsx';
import { calendarDate, fieldName, valueInWords, word } from './wording.ts';

export function Where({ record }: { record: ReferralRecord }) {
  const place = read<string>(record, 'place');
  const gps = read<Gps>(record, 'gps');
  const callback = read<string>(record, 'callback');
  const map = mapLink(gps, place, usesAppleMaps(navigator.userAgent));
  return (
    <section class="card where">
      <h2 class="place">{place ?? t('co_place_missing')}</h2>
      {gps && <p class="soft">{t('co_accuracy', { n: gps.accuracy_m })}</p>}
      <WaitLine record={record} />
      <WaitingLine record={record} />
      <LateArrivalLine record={record} />
      <HolderLine record={record} />
      <div class="actions">
        {map !== undefined && (
          <a class="button plain" href={map}>
            {t('co_map')}
          </a>
        )}
        {callback ? (
          <CallOfficer number={callback} />
        ) : (
          <p class="soft">{t('co_no_callback')}</p>
        )}
      </div>
    </section>
  );
}

export function CallOfficer({ number, kind = 'plain' }: { number: string; kind?: 'plain' | 'act' }) {
  return <CallButton number={number} name={t('co_the_officer')} kind={kind} />;
}

/** Label and value, only where there is a value. */
export function Facts({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  const given = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  if (given.length === 0) return null;
  return (
    <dl class="facts">
      {given.map(([label, value]) => (
        <Fragment key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

const WHO = [
  'alias', 'language', 'contact', 'safe_to_contact', 'card_number', 'referrer_name', 'referrer_relation', 'person_knows',
] as const;

export function Who({ record }: { record: ReferralRecord }) {
  const [writing, setWriting] = useState(false);
  if (writing) return <WhoForm record={record} close={() => setWriting(false)} />;
  const born = read<string>(record, 'birth_date');
  const years = read<number>(record, 'age_years');
  const age = [years !== undefined && t('co_age', { n: years }), born !== undefined && t('co_born', { date: calendarDate(born) })];
  const rows = WHO.flatMap((key) => {
    const value = read(record, key);
    return value === undefined ? [] : [[fieldName(key), valueInWords(key, value)] as const];
  });
  return (
    <Card title={t('co_who')}>
      <p class="person">{read<string>(record, 'name') ?? t('co_name_missing')}</p>
      {age.some(Boolean) && <p>{age.filter(Boolean).join(' · ')}</p>}
      <Facts rows={rows} />
      <Button onClick={() => setWriting(true)}>{t('co_who_change')}</Button>
    </Card>
  );
}

/** Observations are dated and expire: an old one is shown as old, never as a trait of a person. */
export function Safety({ record }: { record: ReferralRecord }) {
  const observations = entriesOf(record, 'safety.add');
  return (
    <Card title={t('co_safety')}>
      {observations.length === 0 && <p class="soft">{t('co_safety_none')}</p>}
      <ul class="entries">
        {observations.map(({ id, entry, strike }) => {
          const { about, text, observed_at, expires_at } = entry.payload;
          const expired = hasExpired(expires_at, now.value);
          const observed = ago(observed_at, now.value) ?? t('just_now');
          return (
            <li key={id} class={expired ? 'expired' : undefined}>
              <Struck record={record} id={id} kind="safety.add" strike={strike}>
                <strong>{word('about', about)}</strong> {text}
              </Struck>
              <p class="soft">{t('co_observed', { when: `${observed}, ${exactly(observed_at, now.value)}` })}</p>
              {expired && <p class="state wait">{t('co_expired', { when: ago(expires_at, now.value) ?? t('just_now') })}</p>}
              <Byline of={entry} />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}

export function Needs({ record }: { record: ReferralRecord }) {
  const needs = read<Need[]>(record, 'needs') ?? [];
  const [changed, setChanged] = useState<Need[] | null>(null);
  const [seen, setSeen] = useState<string | null>(null);
  const { busy, failed, send } = useSubmit(record.id);
  const open = (): void => {
    setSeen(opOf(record, 'needs'));
    setChanged(needs);
  };
  const changes = changed === null ? [] : changedMeanwhile({ needs: changed }, { needs: seen }, record, me.value?.user_id);
  const save = async (): Promise<void> => {
    if (await send([{ kind: 'referral.set', payload: { fields: { needs: changed } } }], { shown: record })) setChanged(null);
  };
  if (changed !== null) {
    return (
      <Card title={t('co_needs')}>
        {changes.length > 0 && (
          <Lazy inside load={meanwhile} props={{ what: 'changed', changes, keepMine: ({ op }: Change) => setSeen(op), leaveTheirs: () => setChanged(null) }} />
        )}
        <TickList
          label={t('co_needs')}
          hideLabel
          options={NEEDS.map((need) => ({ value: need, label: word('need', need) }))}
          values={changed}
          onChange={setChanged}
        />
        <Button kind="act" busy={busy} disabled={changes.length > 0} onClick={() => void save()}>
          {t('co_needs_save')}
        </Button>
        <Button onClick={() => setChanged(null)}>{t('cancel')}</Button>
        <Failed when={failed} />
      </Card>
    );
  }
  return (
    <Card title={t('co_needs')}>
      {needs.length === 0 ? <p class="soft">{t('co_needs_none')}</p> : <p>{needs.map((need) => word('need', need)).join(' · ')}</p>}
      <Button onClick={open}>{t('co_needs_change')}</Button>
    </Card>
  );
}

const WHY = ['charges', 'case_number', 'due_on', 'unit', 'paperwork_held', 'property_held', 'last_conduct_on', 'within_area'] as const;

/** Why the officer thought of LEAD: the pathway and the case. What the rules say of it is in `rules`. */
export function Why({ record }: { record: ReferralRecord }) {
  const pathway = pathwayOf(record);
  const custody = read<string>(record, 'custody');
  const rows = WHY.flatMap((key) => {
    const value = read(record, key);
    return value === undefined ? [] : [[fieldName(key), valueInWords(key, value)] as const];
  });
  return (
    <Card title={t('co_why')}>
      <p>{[pathway && word('pathway', pathway), custody && word('custody', custody)].filter(Boolean).join(' · ')}</p>
      <Facts rows={rows} />
    </Card>
  );
}
