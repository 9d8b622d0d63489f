/**
 * The plan of one level, for supervisors: rules, people in order, a look at what comes of it, and only then saving.
 *
 * What is typed lies with the drafts until it is saved. Whether somebody else wrote a plan meanwhile is seen by the rules from which the
 * typing began; a cover that two people agreed on meanwhile is no reason to stop.
 */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t, tn } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { Button, Card, ErrorSummary, Screen, type FieldError } from '../parts/index.ts';
import { isFresh, known, lookAgain, rotaNow, useForm, useRota, type Form, type Known } from './known.ts';
import { Freshness, Refused, useAct } from './parts.tsx';
import { daysAndNights, emptyRule, missing, ruleOf, RULES_LIMIT, sameRules, typedRule, weekEach, type TypedRule } from './plan.ts';
import { RuleForm } from './rule_form.tsx';
import { askPreview, isConflict, saveRules, type Level, type LevelRota, type Rota } from './server.ts';
import { dutiesOf, timeOf } from './spans.ts';
import { Days } from './week.tsx';
import { levelName, zoneName } from './words.ts';
import { dayOf } from './zone.ts';

const PREVIEW_DAYS = 28;

// A type and not an interface, so that it is also a plain JSON object for the state layer.
type Typed = { rules: TypedRule[]; /** What stood when the typing began. */ base: TypedRule[] };

const standing = ({ levels }: Rota, level: Level): TypedRule[] =>
  (levels.find((each) => each.level === level)?.rules ?? []).map(typedRule);

const errorsOf = (rules: readonly TypedRule[]): FieldError[] =>
  rules.flatMap((rule, i) => missing(rule).map((each) => ({ field: `rota-rule-${i}`, text: t(each, { n: i + 1 }) })));

/** Saves against the rota as it is known now; covers that came in between do not stand in the way of the plan. */
async function save(level: Level, { rules, base }: Typed): Promise<void> {
  const wanted = rules.map((rule) => ruleOf(rule, level));
  try {
    await saveRules(level, known.peek()?.rota.version ?? '', wanted);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await lookAgain();
    const rota = known.peek()?.rota;
    if (rota === undefined || !sameRules(standing(rota, level), base)) throw error;
    await saveRules(level, rota.version, wanted);
  }
}

function Presets({ rota, add }: { rota: Rota; add: (rules: TypedRule[]) => void }) {
  const today = dayOf(rotaNow.value, rota.zone);
  return (
    <Card title={t('rota_preset')}>
      <p class="soft">{t('rota_no_rules')}</p>
      <div class="actions">
        <Button onClick={() => add(weekEach(today, rota.zone))}>{t('rota_preset_weeks')}</Button>
        <Button onClick={() => add(daysAndNights(today, rota.zone))}>{t('rota_preset_day_night')}</Button>
      </div>
    </Card>
  );
}

/** What stands on the server is no longer what the typing began with. */
function Stale({ form, stands }: { form: Form<Typed>; stands: TypedRule[] }) {
  return (
    <Card title={t('rota_stale_title')} tone="wait">
      <p>{t('rota_stale_lead')}</p>
      <div class="actions">
        <Button onClick={form.drop}>{t('rota_stale_theirs')}</Button>
        <Button onClick={() => form.set({ base: stands })}>{t('rota_stale_mine')}</Button>
      </div>
    </Card>
  );
}

function Preview({ found, zone, asked_ms }: { found: LevelRota; zone: string; asked_ms: number }) {
  const { level, gaps } = found;
  return (
    <section class="stack" aria-labelledby="rota-preview">
      <h2 id="rota-preview">{t('rota_preview_title')}</h2>
      <p class="soft">{t('rota_preview_lead')}</p>
      <p class={`state ${gaps.length > 0 ? 'wait' : 'good'}`}>
        {gaps.length > 0 ? tn('rota_preview_gaps', gaps.length) : t('rota_preview_whole')}
      </p>
      <Days
        zone={zone}
        levels={[level]}
        duties={dutiesOf({ levels: [found] })}
        gaps={gaps.map((gap) => ({ level, ...timeOf(gap) }))}
        asked_ms={asked_ms}
        from_ms={rotaNow.value}
        days={PREVIEW_DAYS}
      />
    </section>
  );
}

interface Seen {
  rules: TypedRule[];
  found: LevelRota;
  asked_ms: number;
}

/** Nobody saves a plan that they have not looked at. */
function usePreview(level: Level): { seen: Seen | null; look: (rules: TypedRule[]) => Promise<void> } {
  const [seen, setSeen] = useState<Seen | null>(null);
  const look = async (rules: TypedRule[]): Promise<void> => {
    const found = await askPreview(level, rules.map((rule) => ruleOf(rule, level)));
    // The server's "now" lies a moment after this one.
    setSeen({ rules, found, asked_ms: rotaNow.peek() + 60_000 });
  };
  return { seen, look };
}

/** What is typed of a plan, what was seen of it, and what may be done next. */
function usePlan(rota: Rota, level: Level) {
  const stands = standing(rota, level);
  const form = useForm<Typed>(`plan/${level}`, { rules: stands, base: stands });
  const { rules, base } = form.values;
  const { seen, look } = usePreview(level);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { busy, refused, act } = useAct();
  const changed = !sameRules(rules, stands);
  const change = (next: TypedRule[]): void => {
    setErrors([]);
    form.set({ rules: next });
  };
  const preview = (): void => {
    const found = errorsOf(rules);
    setErrors(found);
    if (found.length > 0) return;
    void act(async () => {
      await look(rules);
      return t('rota_preview_title');
    });
  };
  const put = (): void => {
    void act(async () => {
      await save(level, { rules, base });
      return t('rota_saved');
    }).then((done) => {
      if (!done) return;
      form.drop();
      go('/rota');
    });
  };
  const forget = (): void => {
    form.drop();
    setErrors([]);
    announce(t('rota_plan_as_saved'));
  };
  return {
    form, stands, rules, errors, busy, refused, changed, change, preview, put, forget,
    stale: changed && !sameRules(base, stands),
    seen: seen !== null && sameRules(seen.rules, rules) ? seen : null,
  };
}

function PlanForm({ have: { rota }, level }: { have: Known; level: Level }) {
  const plan = usePlan(rota, level);
  const { rules, stale, changed, seen, busy, change } = plan;
  const add = (): void => change([...rules, emptyRule(dayOf(rotaNow.value, rota.zone), rota.zone)]);
  return (
    <>
      <ErrorSummary errors={plan.errors} />
      {stale && <Stale form={plan.form} stands={plan.stands} />}
      {rules.length === 0 && <Presets rota={rota} add={change} />}
      {rules.map((rule, i) => (
        <RuleForm
          // Rules have no names of their own until they are saved; their order is what tells them apart.
          key={`${level} ${i}`}
          n={i}
          rule={rule}
          rota={rota}
          change={(next) => change(rules.with(i, next))}
          remove={() => change(rules.toSpliced(i, 1))}
        />
      ))}
      {rules.length < RULES_LIMIT && <Button onClick={add}>{t('rota_add_rule')}</Button>}
      {changed && <p class="state wait">{t('rota_unsaved')}</p>}
      {!stale && <Refused why={plan.refused} />}
      <Button kind={seen && changed ? 'plain' : 'act'} busy={busy} disabled={!isFresh.value} onClick={plan.preview}>
        {t('rota_preview')}
      </Button>
      {seen && <Preview found={seen.found} zone={rota.zone} asked_ms={seen.asked_ms} />}
      {seen && changed && !stale && (
        <Button kind="act" busy={busy} disabled={!isFresh.value} onClick={plan.put}>
          {t('rota_save')}
        </Button>
      )}
      {changed && (
        <Button kind="quiet" onClick={plan.forget}>
          {t('rota_give_up')}
        </Button>
      )}
    </>
  );
}

export default function Editor({ level }: { level: Level }) {
  const have = useRota();
  return (
    <Screen title={t('rota_edit_title', { level: levelName(level) })} wide back={() => go('/rota')}>
      <Freshness />
      {have && <p class="soft">{t('rota_edit_lead', { name: zoneName(have.rota.zone), zone: have.rota.zone })}</p>}
      {have && <PlanForm key={level} have={have} level={level} />}
    </Screen>
  );
}
