/** What was held or rejected in the program, and what never arrived: seen, adopted, dismissed. No content of any referral. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t, tn, type MessageKey } from '../../state/language.ts';
import { Button, Card, Field, Screen, TextInput, When } from '../parts/index.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { AGES, byAge, matters, type Matter } from './held.ts';
import { Places } from './places.tsx';
import { adopt, askQuarantine, askSealed, askUnarrived, dismiss, type DecidedItem, type Quarantined } from './quarantine_server.ts';
import { NeverArrived } from './quarantine_unarrived.tsx';

const REASON_SHORTEST = 3;

export default function Quarantine({ back }: { back: () => void }) {
  const [asked, again] = useAsked(async () => ({ kept: await askQuarantine(), phones: await askUnarrived() }));
  return (
    <Screen title={t('qua_title')} wide back={back}>
      <Places />
      <p class="soft">{t('qua_lead')}</p>
      <Answer asked={asked} again={again}>
        {({ kept, phones }) => (
          <>
            <Counts kept={kept} />
            {matters(kept.items).map((matter) => (
              <Undecided key={matter.key} matter={matter} again={again} />
            ))}
            <NeverArrived phones={phones} again={again} />
            <Decided decided={kept.decided} />
          </>
        )}
      </Answer>
    </Screen>
  );
}

/** A code of the server in words; one that this app does not know yet is shown as it is. */
export function because(reason: string): string {
  const key = `qua_because_${reason}`;
  const found = t(key as MessageKey);
  return found === key ? reason.replaceAll('_', ' ') : found;
}

function kindWords(kind: string | null): string {
  const key = `qua_kind_${(kind ?? 'none').replace('.', '_')}`;
  const found = t(key as MessageKey);
  return found === key ? t('qua_kind_other') : found;
}

function Counts({ kept }: { kept: Quarantined }) {
  const reasons = Object.entries(kept.by_reason).toSorted(([, one], [, other]) => other - one);
  const total = reasons.reduce((sum, [, count]) => sum + count, 0);
  const ages = byAge(kept.items, now.value);
  if (total === 0) return <p class="state good">{t('qua_none')}</p>;
  return (
    <Card title={tn('qua_total', total)}>
      <dl class="facts">
        {reasons.flatMap(([reason, count]) => [<dt key={`${reason}-label`}>{because(reason)}</dt>, <dd key={reason}>{count}</dd>])}
      </dl>
      <p class="soft">
        {AGES.filter((age) => ages[age] > 0)
          .map((age) => t(`qua_age_${age}`, { n: ages[age] }))
          .join(' · ')}
      </p>
    </Card>
  );
}

/** The server decides so many at once; the rest stays in the list. */
const AT_ONCE = 100;
const idsOf = (items: readonly { id: string }[]): string[] => items.slice(0, AT_ONCE).map(({ id }) => id);

function Undecided({ matter, again }: { matter: Matter; again: () => void }) {
  const [first] = matter.items;
  const { busy, outcome, run } = useDeed();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  if (first === undefined) return null;
  const who = first.author_name ?? t('qua_nobody');
  const title = first.referral_number === null ? who : t('qua_title_number', { name: who, number: first.referral_number });
  const decide = (work: (said: string) => Promise<string>): void => {
    const said = reason.trim();
    setMissing(said.length < REASON_SHORTEST);
    if (said.length < REASON_SHORTEST) return;
    void run(async () => {
      const words = await work(said);
      again();
      return words;
    });
  };
  const letCount = async (said: string): Promise<string> => {
    const { items } = await adopt(idsOf(matter.adoptable), said);
    const refused = items.filter(({ status }) => status !== 'applied' && status !== 'merged');
    return refused.length === 0 ? t('qua_adopted') : t('qua_adopted_but', { n: refused.length, why: because(refused[0]!.reason ?? '') });
  };
  const setAside = async (said: string): Promise<string> => {
    await dismiss(idsOf(matter.items), said);
    return t('qua_dismissed');
  };
  const id = `qua-${matter.key}`;
  return (
    <Card title={title} tone="wait">
      <p class="state wait">{because(first.reason)}</p>
      <Pieces matter={matter} />
      <p class="soft">{t(first.device_state === 'revoked' ? 'qua_phone_removed' : 'qua_phone', { label: first.device_label || t('adm_device_unnamed') })}</p>
      {first.brought && (
        <p class="soft" lang="en">
          {first.brought}
        </p>
      )}
      {matter.adoptable.length === 0 && <p>{t(first.kind === null ? 'qua_not_opened' : 'qua_authors_own')}</p>}
      <Field id={id} label={t('qua_why')} error={missing ? t('qua_why_missing') : undefined}>
        <TextInput value={reason} onInput={setReason} maxLength={300} />
      </Field>
      <div class="actions">
        {matter.adoptable.length > 0 && (
          <Button kind="act" busy={busy} label={`${t('qua_adopt')}: ${title}`} onClick={() => decide(letCount)}>
            {t('qua_adopt')}
          </Button>
        )}
        <Sure
          ask={t('qua_dismiss')} label={`${t('qua_dismiss')}: ${title}`} lead={t('qua_dismiss_sure')} yes={t('qua_dismiss_yes')}
          busy={busy} act={() => decide(setAside)}
        />
        {first.sealed && first.kind === null && <Export id={first.id} run={run} busy={busy} />}
      </div>
      <Came of={outcome} />
    </Card>
  );
}

function Pieces({ matter }: { matter: Matter }) {
  return (
    <ul class="history">
      {matter.items.map((item) => (
        <li key={item.id}>
          <strong>{kindWords(item.kind)}</strong>{' '}
          {item.made_at !== null && (
            <>
              {t('qua_made')} <When at={item.made_at} /> ·{' '}
            </>
          )}
          {t('qua_received')} <When at={item.received_at} />
        </li>
      ))}
    </ul>
  );
}

/** As it came, sealed: for whoever can find out what is wrong with it. */
function Export({ id, run, busy }: { id: string; run: (work: () => Promise<string | null>) => Promise<boolean>; busy: boolean }) {
  const save = (): void =>
    void run(async () => {
      const record = await askSealed(id);
      const url = URL.createObjectURL(new Blob([JSON.stringify(record, null, 2)], { type: 'application/json' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = `sealed-${record.op_id}.json`;
      link.click();
      URL.revokeObjectURL(url);
      return t('qua_exported');
    });
  return (
    <Button busy={busy} onClick={save}>
      {t('qua_export')}
    </Button>
  );
}

function Decided({ decided }: { decided: readonly DecidedItem[] }) {
  if (decided.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="qua-decided">
      <h2 id="qua-decided">{t('qua_decided')}</h2>
      <ul class="history">
        {decided.map((each) => (
          <li key={each.op_id}>
            <When at={each.decided_at} />{' '}
            <strong>{t(`qua_was_${each.decision}`, { name: each.decided_by_name, author: each.author_name ?? t('qua_nobody') })}</strong>{' '}
            {because(each.because)} {t('qua_said', { reason: each.reason })}
          </li>
        ))}
      </ul>
    </section>
  );
}
