/** One question at a time, only those that can still change the result, answered from what the officer sees and knows. */
import { useEffect, useState } from 'preact/hooks';
import { shownLanguage, t } from '../../state/language.ts';
import { Button } from '../parts/index.ts';
import type { FactValue } from './body.ts';
import { FactInput, isTyped } from './fact_input.tsx';
import { answer, question, type Question } from './flow.ts';
import { Step } from './step.tsx';
import type { Way } from './way.ts';

export function Questions({ way }: { way: Way }) {
  const asked = question(way.body, way.pack, way.days);
  const over = asked === null;
  useEffect(() => {
    if (over) way.next();
  }, [over]);
  return asked ? <Asked key={asked.fact.id} way={way} asked={asked} /> : <></>;
}

function Asked({ way, asked }: { way: Way; asked: Question }) {
  const { body, pack, days, change } = way;
  const { fact, answered, number, at_most } = asked;
  const [typed, setTyped] = useState<FactValue | undefined>(body.facts[fact.id]);
  const give = (value: FactValue): void => {
    const patch = answer(body, fact.id, value);
    if (question({ ...body, ...patch }, pack, days)) change(patch);
    else way.next(patch);
  };
  const back = body.at > 0 ? () => change({ at: body.at - 1 }) : undefined;
  const goOn = typed !== undefined && (answered || isTyped(fact));
  const main = (goOn || isTyped(fact)) && (
    <Button kind="act" disabled={!goOn} onClick={() => give(typed ?? null)}>
      {t('continue')}
    </Button>
  );
  return (
    <Step
      way={way}
      title={fact.question[shownLanguage.value]}
      progress={t('officer_question_of', { n: number, of: at_most })}
      back={back}
      main={main}
    >
      <FactInput asked fact={fact} value={typed} onAnswer={give} onType={setTyped} />
      <p class="hint">{t('officer_question_hint')}</p>
    </Step>
  );
}
