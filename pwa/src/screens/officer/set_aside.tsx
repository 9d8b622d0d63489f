/** Rules that presume the person out: who may set each aside, how to reach them, and what they said. */
import { now } from '../../state/clock.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { exactly } from '../../state/times.ts';
import type { Text } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import type { Overridable } from './approvals.ts';
import { NO_WORD, type Word } from './body.ts';
import type { Way } from './way.ts';
import { capital, howCame, whoIs, WordBox } from './word_form.tsx';

interface SetAsideProps {
  way: Way;
  rule: Overridable;
  /** The sentence that stands above already. */
  told: Text | null;
}

export function SetAside({ way, rule: { id, override_by, why }, told }: SetAsideProps) {
  const own = override_by === 'officer';
  const word = way.body.overrides[id];
  const keep = (next: Word): void => way.change({ overrides: { ...way.body.overrides, [id]: next } });
  return (
    <section class="notice stack">
      {why.en !== told?.en && <p>{why[shownLanguage.value]}</p>}
      {word?.state === 'given' ? (
        <>
          <p class="state good" role="status">
            {setAsideWords(own ? 'self' : word.how, word.by_name, word.given_at)}
          </p>
          <Button onClick={() => keep(NO_WORD)}>{t('officer_take_back_word')}</Button>
        </>
      ) : (
        <>
          <p>{own ? t('officer_you_may_set_aside') : t('officer_may_set_aside', { who: capital(whoIs(override_by)) })}</p>
          <WordBox reason own={own} id={id} named={override_by} record={keep} />
        </>
      )}
    </section>
  );
}

/** Who set a rule aside, in one line. */
export function setAsideWords(how: Word['how'] | 'self', name: string | null, given_at: string | null): string {
  const time = exactly(given_at ?? now.value, now.value);
  if (how === 'self' || how === null) return t('officer_set_aside_by_you', { time });
  return t('officer_set_aside_by', { name: name ?? '', how: howCame(how), time });
}
