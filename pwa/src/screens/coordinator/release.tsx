/** Releases of information: who may be told what until when, taking one back, and the days of intake that they speak of. */
import { useState } from 'preact/hooks';
import { INFORMATION, LIMITS, RECIPIENTS } from '../../domain/fields.ts';
import { type Release, releasesInForce, releasesOf } from '../../domain/releases.ts';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { today } from '../../state/packs.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, ErrorSummary, Field, LinkButton, Options, Screen, TextInput, TickList } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { Byline } from './entries.tsx';
import { isWithdrawn, read } from './reading.ts';
import { giveAct, missing, nothingTyped, revokeAct, type Missing, type Typed } from './release_form.ts';
import { useSubmit } from './use_submit.ts';
import { calendarDate } from './wording.ts';

function Revoke({ record, id }: { record: ReferralRecord; id: string }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const { busy, failed, send } = useSubmit(record.id);
  if (!asking) return <Button onClick={() => setAsking(true)}>{t('release_revoke')}</Button>;
  return (
    <div class="form">
      <p>{t('release_revoke_lead')}</p>
      <Field label={t('release_revoke_reason')} optional>
        <TextInput value={reason} onInput={setReason} maxLength={LIMITS.text} enterKeyHint="done" />
      </Field>
      <Button kind="danger" busy={busy} onClick={() => void send([revokeAct(id, reason)])}>
        {t('release_revoke_now')}
      </Button>
      <Button kind="quiet" onClick={() => setAsking(false)}>
        {t('cancel')}
      </Button>
      <Failed when={failed} />
    </div>
  );
}

function standing(record: ReferralRecord, id: string, { payload }: Release, in_force: boolean): string {
  const until = calendarDate(payload.expires_on);
  if (in_force) return t('release_in_force', { date: until });
  if (record.state.strikes[id] !== undefined) return t('release_revoked');
  return payload.expires_on < today.value ? t('release_expired', { date: until }) : t('release_ended');
}

function Listed({ record, id, release, in_force }: { record: ReferralRecord; id: string; release: Release; in_force: boolean }) {
  const { recipient, information, purpose, signed_how } = release.payload;
  const strike = record.state.strikes[id];
  return (
    <li>
      <p>
        <strong>{`${t(`release_to_${recipient.kind}`)} · ${recipient.name}`}</strong>
      </p>
      <p class={`state ${in_force ? 'good' : 'plain'}`}>{standing(record, id, release, in_force)}</p>
      <p>{information.map((each) => t(`release_of_${each}`)).join(' · ')}</p>
      <p class="soft">{`${purpose} · ${t(`release_signed_${signed_how}`)}`}</p>
      <Byline of={release} />
      {strike && <Byline of={strike} />}
      {!strike && <Revoke record={record} id={id} />}
    </li>
  );
}

function List({ record }: { record: ReferralRecord }) {
  const in_force = releasesInForce(record.state, today.value);
  const all = Object.entries(releasesOf(record.state)).toSorted(([, a], [, b]) => (a.at < b.at ? 1 : -1));
  return (
    <Card title={t('release_list')}>
      {all.length === 0 && <p class="soft">{t('release_none')}</p>}
      <ul class="entries">
        {all.map(([id, release]) => (
          <Listed key={id} record={record} id={id} release={release} in_force={in_force[id] !== undefined} />
        ))}
      </ul>
    </Card>
  );
}

type Wrong = readonly Missing[];
const errorOf = (wrong: Wrong, key: Missing): string | undefined => (wrong.includes(key) ? t(`release_missing_${key}`) : undefined);

interface Part {
  typed: Typed;
  wrong: Wrong;
  change: (changed: Partial<Typed>) => void;
}

function ToWhom({ typed, wrong, change }: Part) {
  return (
    <>
      <Options
        id="release-kind"
        label={t('release_kind')}
        options={RECIPIENTS.map((value) => ({ value, label: t(`release_to_${value}`) }))}
        value={typed.kind}
        onChoose={(kind) => change({ kind })}
      />
      <Field id="release-name" label={t('release_name')} error={errorOf(wrong, 'name')}>
        <TextInput value={typed.name} onInput={(name) => change({ name })} maxLength={LIMITS.text} />
      </Field>
      <TickList
        label={t('release_information')}
        options={INFORMATION.map((value) => ({ value, label: t(`release_of_${value}`) }))}
        values={typed.information}
        onChange={(information) => change({ information })}
      />
      <Field id="release-purpose" label={t('release_purpose')} error={errorOf(wrong, 'purpose')}>
        <TextInput value={typed.purpose} onInput={(purpose) => change({ purpose })} maxLength={LIMITS.text} />
      </Field>
    </>
  );
}

function Signed({ typed, wrong, change }: Part) {
  return (
    <>
      <Options
        id="release-signed_how"
        label={t('release_signed')}
        options={(['paper', 'electronic'] as const).map((value) => ({ value, label: t(`release_signed_${value}`) }))}
        value={typed.signed_how}
        onChoose={(signed_how) => change({ signed_how })}
      />
      <Field id="release-signed_on" label={t('release_signed_on')} error={errorOf(wrong, 'signed_on')}>
        <TextInput type="date" value={typed.signed_on} onInput={(signed_on) => change({ signed_on })} />
      </Field>
      <Field id="release-expires_on" label={t('release_expires_on')} hint={t('release_expires_hint')} error={errorOf(wrong, 'expires_on')}>
        <TextInput type="date" value={typed.expires_on} onInput={(expires_on) => change({ expires_on })} />
      </Field>
    </>
  );
}

function Give({ record }: { record: ReferralRecord }) {
  const [typed, setTyped] = useState<Typed>(() => nothingTyped(today.value));
  const [wrong, setWrong] = useState<Wrong>([]);
  const { busy, failed, send } = useSubmit(record.id);
  const change = (changed: Partial<Typed>): void => setTyped((before) => ({ ...before, ...changed }));
  const give = async (): Promise<void> => {
    const found = missing(typed, today.value);
    setWrong(found);
    if (found.length > 0 || !(await send([giveAct(typed, record.state)]))) return;
    setTyped(nothingTyped(today.value));
    announce(t('release_saved'));
  };
  return (
    <Card title={t('release_give')}>
      <p class="soft">{t('release_give_lead')}</p>
      <ErrorSummary errors={wrong.map((key) => ({ field: `release-${key}`, text: t(`release_missing_${key}`) }))} />
      <ToWhom typed={typed} wrong={wrong} change={change} />
      <Signed typed={typed} wrong={wrong} change={change} />
      <Button kind="act" busy={busy} onClick={() => void give()}>
        {t('release_save')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}

type DayKey = 'intake_on' | 'due_on';

/** A day that a release may speak of; cleared, it is unsaid. */
function Day({ record, name }: { record: ReferralRecord; name: DayKey }) {
  const known = read<string>(record, name) ?? '';
  const [typed, setTyped] = useState<string | null>(null);
  const { busy, failed, send } = useSubmit(record.id);
  const save = async (): Promise<void> => {
    if (await send([{ kind: 'referral.set', payload: { fields: { [name]: typed || null } } }])) setTyped(null);
  };
  return (
    <div class="form">
      <Field label={t(`release_${name}`)} optional>
        <TextInput type="date" value={typed ?? known} onInput={setTyped} />
      </Field>
      {typed !== null && typed !== known && (
        <Button busy={busy} onClick={() => void save()}>
          {t('release_day_save')}
        </Button>
      )}
      <Failed when={failed} />
    </div>
  );
}

export default function Releases({ record }: { record: ReferralRecord }) {
  const withdrawn = isWithdrawn(record);
  return (
    <Screen title={t('release_title')} back main={<LinkButton to={`/referral/${record.id}/told`}>{t('told_title')}</LinkButton>}>
      <p class="soft">{t('release_lead')}</p>
      {withdrawn && <p class="notice">{t('release_withdrawn')}</p>}
      <List record={record} />
      {!withdrawn && (
        <>
          <Card title={t('release_intake')}>
            <Day record={record} name="intake_on" />
            <Day record={record} name="due_on" />
          </Card>
          <Give record={record} />
        </>
      )}
    </Screen>
  );
}
