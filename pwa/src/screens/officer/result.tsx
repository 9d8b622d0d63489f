/** What the rules say so far. It advises; the officer decides, whatever it says. */
import { shownLanguage, t } from '../../state/language.ts';
import type { Determination, Pack, Reason } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import { toSetAside } from './approvals.ts';
import { decidesAtAlert, mainReason, outcomeOf, sentenceOf, stillOpen, type Outcome } from './flow.ts';
import { SetAside } from './set_aside.tsx';
import { End, Step } from './step.tsx';
import { judged, type Way } from './way.ts';

const TONES: Record<Outcome, string> = { eligible: 'good', ineligible: 'bad', needs_review: 'wait' };

export function Result({ way }: { way: Way }) {
  const determination = judged(way);
  const pack = way.pack?.document ?? null;
  const outcome = outcomeOf(determination);
  const reason = mainReason(determination, pack);
  const why = reason?.[shownLanguage.value] ?? t(determination ? 'officer_all_hold' : 'officer_no_rules');
  const decide = outcome === 'ineligible' ? 'officer_you_decide_not' : decidesAtAlert(way.body, way.pack) ? 'officer_you_decide_later' : 'officer_you_decide';
  const main = (
    <Button kind="act" onClick={() => way.next()}>
      {t(outcome === 'ineligible' ? 'officer_continue_anyway' : 'continue')}
    </Button>
  );
  return (
    <Step way={way} title={t(`officer_result_${outcome}`)} main={main}>
      <p class={`state ${TONES[outcome]}`}>{why}</p>
      {pack && !pack.official && <p class="notice">{t('officer_not_official')}</p>}
      {!way.body.partner && toSetAside(determination, pack).map((rule) => <SetAside key={rule.id} way={way} rule={rule} told={reason} />)}
      <p>{t(decide)}</p>
      {determination && pack && <Reasons determination={determination} pack={pack} />}
      <End way={way}>{t('officer_stop_here')}</End>
    </Step>
  );
}

const ORDER: readonly Reason['answer'][] = ['no', 'unknown', 'yes'];

function Reasons({ determination, pack }: { determination: Determination; pack: Pack }) {
  const sorted = ORDER.flatMap((answer) => determination.reasons.filter((reason) => reason.answer === answer));
  return (
    <details class="more">
      <summary>{t('officer_reasons')}</summary>
      <StillOpen determination={determination} pack={pack} />
      <h2>{t('officer_rules')}</h2>
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
      <p class="hint">{t('officer_source', { source: pack.source, version: pack.version })}</p>
      {pack.unverified.map((each) => (
        <p key={each.en} class="hint">
          {each[shownLanguage.value]}
        </p>
      ))}
    </details>
  );
}

/** What is still to ask, and of whom: never of the person in custody, never by the officer for the form's sake. */
function StillOpen({ determination, pack }: { determination: Determination; pack: Pack }) {
  return stillOpen(determination, pack).map(({ whom, facts }) => (
    <section key={whom}>
      <h2>{t(`officer_open_${whom}`)}</h2>
      <ul class="reasons">
        {facts.map((fact) => (
          <li key={fact.id}>{fact.question[shownLanguage.value]}</li>
        ))}
      </ul>
    </section>
  ));
}
