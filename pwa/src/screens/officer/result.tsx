/** What the rules say so far. It advises; the officer decides, whatever it says. */
import { shownLanguage, t } from '../../state/language.ts';
import type { Determination, Pack, Reason } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import { useBusy } from './busy.ts';
import { judge, mainReason, outcomeOf, sentenceOf, type Outcome } from './flow.ts';
import { Step } from './step.tsx';
import { endAndShow, type Way } from './way.ts';

const TONES: Record<Outcome, string> = { eligible: 'good', ineligible: 'bad', needs_review: 'wait' };

export function Result({ way }: { way: Way }) {
  const { busy, failed, run } = useBusy();
  const determination = judge(way.body, way.pack);
  const pack = way.pack?.document ?? null;
  const outcome = outcomeOf(determination);
  const reason = mainReason(determination, pack);
  const why = reason?.[shownLanguage.value] ?? t(determination ? 'officer_all_hold' : 'officer_no_rules');
  const main = (
    <Button kind="act" onClick={() => way.next()}>
      {t(outcome === 'ineligible' ? 'officer_continue_anyway' : 'continue')}
    </Button>
  );
  const errors = failed ? [{ text: t('officer_not_stored') }] : [];
  return (
    <Step way={way} title={t(`officer_result_${outcome}`)} main={main} errors={errors}>
      <p class={`state ${TONES[outcome]}`}>{why}</p>
      <p>{t(outcome === 'ineligible' ? 'officer_you_decide_not' : 'officer_you_decide')}</p>
      {determination && pack && <Reasons determination={determination} pack={pack} />}
      <Button busy={busy} onClick={() => run(() => endAndShow(way.draft, 'stopped'))}>
        {t('officer_stop_here')}
      </Button>
    </Step>
  );
}

const ORDER: readonly Reason['answer'][] = ['no', 'unknown', 'yes'];

function Reasons({ determination, pack }: { determination: Determination; pack: Pack }) {
  const sorted = ORDER.flatMap((answer) => determination.reasons.filter((reason) => reason.answer === answer));
  return (
    <details class="more">
      <summary>{t('officer_reasons')}</summary>
      <ul class="reasons">
        {sorted.map((reason) => {
          const sentence = sentenceOf(reason, pack);
          return (
            <li key={reason.rule}>
              <strong>{t(`officer_rule_${reason.answer}`)}</strong>
              {reason.answer !== 'yes' && <span> {sentence?.text[shownLanguage.value]}</span>}
              <span class="hint">{sentence?.cite}</span>
            </li>
          );
        })}
      </ul>
      <p class="hint">
        {t('officer_source', { source: pack.source, version: pack.version })}
        {!pack.official && ` ${t('officer_not_official')}`}
      </p>
    </details>
  );
}
