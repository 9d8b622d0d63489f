/** What the rules say, for whoever decides: now, as the officer saw it, what is still to find out, and whose word was given. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { mayOverride } from '../../domain/approvals.ts';
import { LIMITS } from '../../domain/fields.ts';
import type { Pack } from '../../rules/model.ts';
import { announce } from '../../state/announce.ts';
import { present } from '../../state/clock.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { me, program } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, ErrorSummary, Field, TextInput } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { DifferenceLine, WordLine } from './approvals.tsx';
import { isPack, usePack, type Found } from './pack.ts';
import { isClosed, pathwayOf } from './reading.ts';
import { groupsToAsk, hindrances, intakeDue, judge, type Hindrance, type Judged } from './rules.ts';
import { differenceOf, saidOf, told, type Said } from './said.ts';
import { clean } from './text.ts';
import { useSubmit } from './use_submit.ts';
import { dropText, keepText, working } from './working.ts';
import { calendarDate, word } from './wording.ts';

const TONES = { eligible: 'good', ineligible: 'bad', needs_review: 'wait' } as const;

/** The rules that the officer's phone used; without a word of them, those in force today. */
export const useRulesOf = (record: ReferralRecord): Found | null => usePack(saidOf(record)?.pack ?? null);

/** Said aloud when it changes, not when the screen opens. */
export function useAnnounced(words: string): void {
  const former = useRef(words);
  useEffect(() => {
    if (words !== '' && former.current !== '' && words !== former.current) announce(words);
    former.current = words;
  }, [words]);
}

/** Why the rules themselves cannot be shown; nothing where they can. */
export function PackLine({ found }: { found: Found | null }) {
  if (isPack(found)) return null;
  return <p class="state wait">{t(`co_pack_${found ?? 'none'}`)}</p>;
}

/** Setting a rule aside is the coordinator's own word, with a reason. What is being typed survives locking. */
function SetAside({ record, hindrance: { rule } }: { record: ReferralRecord; hindrance: Hindrance }) {
  const [asking, setAsking] = useState(false);
  const [missing, setMissing] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const { override_by } = rule;
  if (override_by === null || me.value === null) return null;
  if (!mayOverride(me.value.role, override_by)) return <p class="soft">{t('co_aside_by', { role: t(`role_${override_by}`) })}</p>;
  if (!asking) return <Button onClick={() => setAsking(true)}>{t('co_aside')}</Button>;
  const name = `override:${rule.id}` as const;
  const typed = working(record.id).texts[name] ?? '';
  const save = async (): Promise<void> => {
    const reason = clean(typed);
    setMissing(reason === '');
    if (reason === '') return;
    const payload = { rule: rule.id, reason, by_name: null, by_role: override_by, how: 'self', given_at: new Date(present()).toISOString() };
    if (await send([{ kind: 'override.add', payload }])) await dropText(record.id, name);
  };
  const field = `aside-${rule.id}`;
  return (
    <div class="form">
      <ErrorSummary errors={missing ? [{ field, text: t('co_aside_missing') }] : []} />
      <Field id={field} label={t('co_aside_why')} hint={t('co_aside_hint')} error={missing ? t('co_aside_missing') : undefined}>
        <TextInput value={typed} onInput={(text) => keepText(record.id, name, text)} maxLength={LIMITS.text} enterKeyHint="done" />
      </Field>
      <Button busy={busy} onClick={() => void save()}>
        {t('co_aside_save')}
      </Button>
      <Button kind="quiet" onClick={() => setAsking(false)}>
        {t('cancel')}
      </Button>
      <Failed when={failed} />
    </div>
  );
}

function Hindrances({ record, pack, judged }: { record: ReferralRecord; pack: Pack; judged: Judged }) {
  const found = hindrances(pack, judged).filter(({ aside, rule }) => aside === undefined || rule.tier !== 'presumed_out');
  if (found.length === 0) return null;
  return (
    <ul class="entries">
      {found.map((each) => (
        <li key={each.rule.id}>
          <p>{each.rule.why[shownLanguage.value]}</p>
          <p class="soft">{t(`co_tier_${each.rule.tier}`)}</p>
          {each.rule.tier === 'presumed_out' && !isClosed(record) && <SetAside record={record} hindrance={each} />}
        </li>
      ))}
    </ul>
  );
}

function ToConfirm({ record, pack, judged }: { record: ReferralRecord; pack: Pack; judged: Judged }) {
  const groups = groupsToAsk(record, pack, judged);
  if (groups.length === 0) return <p class="soft">{t('co_confirm_none')}</p>;
  return (
    <>
      <h3>{t(groups.every(({ facts, answered }) => answered === facts.length) ? 'co_found_out' : 'co_to_confirm')}</h3>
      <ul class="entries">
        {groups.map(({ asked, facts, answered }) => (
          <li key={asked}>
            <a class="button plain" href={`#/referral/${record.id}/rules/${asked}`}>
              {t(`co_asked_${asked}`)} <span class="soft">{t('co_assessment_progress', { n: answered, of: facts.length })}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function Words({ record, pack }: { record: ReferralRecord; pack: Pack | null }) {
  const words = told(record.state);
  const pathway = pathwayOf(record);
  const lacking = (pack?.practice.approvals ?? []).filter(
    ({ id, applies_to, when }) => when !== 'after' && applies_to.some((each) => each === pathway) && !words.some(({ of }) => of === id),
  );
  if (words.length + lacking.length === 0) return null;
  return (
    <>
      <h3>{t('co_approvals')}</h3>
      <ul class="entries">
        {words.map((each) => (
          <WordLine key={each.id} record={record} word={each} pack={pack} />
        ))}
        {lacking.map(({ id, text }) => (
          <li key={id}>
            <p>{text[shownLanguage.value]}</p>
            <p class="state wait">{t('co_approval_none')}</p>
          </li>
        ))}
      </ul>
    </>
  );
}

/** By when, and what may follow: the program's own words, and no threat of ours. */
function Intake({ record, pack }: { record: ReferralRecord; pack: Pack }) {
  const due = intakeDue(record, pack, program.value?.time_zone);
  const { intake } = pack.practice;
  if (due === undefined || intake === null || isClosed(record)) return null;
  return (
    <>
      <p>{t('co_intake', { date: calendarDate(due), n: intake.days })}</p>
      <p class="soft">{t('co_intake_missed', { text: intake.if_missed[shownLanguage.value] })}</p>
    </>
  );
}

/** Rule by rule as the officer's phone answered it, with the source: what was sent, whatever has been found out since. */
function AsSeen({ said, pack }: { said: Said; pack: Pack }) {
  const rules = pack.rules.filter(({ id }) => Object.hasOwn(said.answers, id));
  const answers = ['no', 'unknown', 'yes'] as const;
  const sorted = answers.flatMap((answer) => rules.filter(({ id }) => said.answers[id] === answer).map((rule) => ({ rule, answer })));
  return (
    <details class="more">
      <summary>{t('co_as_seen')}</summary>
      <p>{t('co_officer_saw', { outcome: t(`staff_outcome_${said.outcome}`) })}</p>
      <ul class="entries">
        {sorted.map(({ rule, answer }) => (
          <li key={rule.id}>
            <strong>{t(`co_rule_${answer}`)}</strong>
            {answer !== 'yes' && <span>{rule[answer === 'no' ? 'why' : 'confirm'][shownLanguage.value]}</span>}
            <span class="hint">{rule.cite}</span>
          </li>
        ))}
      </ul>
      <p class="hint">{t('co_pack_source', { source: pack.source, version: pack.version })}</p>
      {!pack.official && <p class="hint">{t('co_pack_unofficial')}</p>}
    </details>
  );
}

export function Rules({ record }: { record: ReferralRecord }) {
  const found = useRulesOf(record);
  const said = saidOf(record);
  const pack = isPack(found) ? found.document : null;
  const judged = isPack(found) ? judge(record, found, program.value?.time_zone) : null;
  const outcome = judged?.outcome ?? said?.outcome;
  const difference = differenceOf(record);
  useAnnounced(outcome === undefined ? '' : t('co_rules_now', { outcome: word('outcome', outcome) }));
  return (
    <Card title={t('co_rules')} tone={difference ? 'wait' : undefined}>
      {outcome !== undefined && <p class={`state ${TONES[outcome]}`}>{word('outcome', outcome)}</p>}
      {said && outcome !== said.outcome && <p class="soft">{t('co_officer_saw', { outcome: t(`staff_outcome_${said.outcome}`) })}</p>}
      <DifferenceLine record={record} />
      <PackLine found={found} />
      {pack && judged === null && <p class="state wait">{t('co_pack_unreadable')}</p>}
      {pack && judged && <Hindrances record={record} pack={pack} judged={judged} />}
      {pack && judged && !isClosed(record) && <ToConfirm record={record} pack={pack} judged={judged} />}
      <Words record={record} pack={pack} />
      {pack && <Intake record={record} pack={pack} />}
      {said && pack && <AsSeen said={said} pack={pack} />}
      {said?.pack == null && <p class="soft">{t(said ? 'co_pack_phone_none' : 'co_pack_not_asked')}</p>}
    </Card>
  );
}
