/** Before the offer: somebody else has to agree. The number is one tap away, and what they said is written down here. */
import { shownLanguage, t } from '../../state/language.ts';
import type { Approval as Needed } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import { approvalsOf, pendingApproval } from './approvals.ts';
import type { Body, Word } from './body.ts';
import { End, Step } from './step.tsx';
import type { Way } from './way.ts';
import { CallNamed, capital, useWord, whoIs, WordForm } from './word_form.tsx';

export function Approval({ way }: { way: Way }) {
  const needed = pendingApproval(way.body, way.pack) ?? approvalsOf(way.body, way.pack).at(-1);
  return needed ? <Asked key={needed.id} way={way} needed={needed} /> : <></>;
}

function Asked({ way, needed: { id, by, when, text, cite } }: { way: Way; needed: Needed }) {
  const { body } = way;
  const having = (word: Word): Pick<Body, 'approvals'> => ({ approvals: { ...body.approvals, [id]: word } });
  const said = useWord('approval', {}, body.approvals[id], (word) => way.change(having(word)));
  const approve = (): void => {
    const word = said.whole();
    if (word) way.next(having(word));
  };
  const main = (
    <Button kind="act" onClick={approve}>
      {t('officer_approved')}
    </Button>
  );
  const first = when === 'before_offer';
  const who = whoIs(by);
  return (
    <Step way={way} title={t(first ? 'officer_must_agree' : 'officer_must_agree_handoff', { who: capital(who) })} main={main}>
      <p>
        {text[shownLanguage.value]}
        <span class="hint">{cite}</span>
      </p>
      <CallNamed named={by} />
      <End way={way}>{t('officer_not_approved')}</End>
      <WordForm {...said} />
      <div class="further">
        <Button onClick={() => way.next(having({ ...said.word, state: 'open' }))}>{t(first ? 'officer_not_reached' : 'officer_later')}</Button>
        <p class="hint">{t('officer_not_reached_hint', { who })}</p>
      </div>
    </Step>
  );
}
