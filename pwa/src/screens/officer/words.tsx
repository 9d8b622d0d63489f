/** Whose word was given for a referral and whether they have confirmed it; what is still needed can be recorded here. */
import { told, type Told } from '../../domain/approvals.ts';
import { now } from '../../state/clock.ts';
import { submit } from '../../state/compose.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { approvalAct, stillNeeded } from './approvals.ts';
import { sent } from './acts.ts';
import type { Pathway } from './body.ts';
import { rulesOf } from './home.tsx';
import { setAsideWords } from './set_aside.tsx';
import { packOf } from './way.ts';
import { capital, howCame, whoIs, WordBox } from './word_form.tsx';

export function Words({ record, closed }: { record: ReferralRecord; closed: boolean }) {
  const origin = sent(record, 'origin') as { pathway?: Pathway } | null;
  const pack = packOf(rulesOf(record));
  const list = told(record.state);
  const of = { pathway: origin?.pathway ?? 'arrest_diversion', partner: me.value?.role === 'partner' } as const;
  const needed = closed ? [] : stillNeeded(record.state, of, pack);
  if (list.length === 0 && needed.length === 0) return null;
  return (
    <section class="stack">
      <h2>{t('officer_words')}</h2>
      {list.map((each) => (
        <div key={each.id}>
          <p class={`state ${stands(each) ? 'good' : 'wait'}`}>{sentence(each)}</p>
          <p class="hint">{pack?.document.rules.find(({ id }) => id === each.of)?.why[shownLanguage.value]}</p>
        </div>
      ))}
      {needed.map((approval) => (
        <div key={approval.id} class="notice stack">
          <p>{t('officer_still_needed', { who: capital(whoIs(approval.by)) })}</p>
          <WordBox id={approval.id} named={approval.by} record={async (word) => void (await submit(record.id, [approvalAct(approval, word)]))} />
        </div>
      ))}
    </section>
  );
}

/** The officer's own word waits for nobody. */
const stands = ({ entry, answer }: Told): boolean => answer === 'confirmed' || entry.payload.how === 'self';

function sentence({ entry: { kind, payload }, answer }: Told): string {
  const { by_name, how, given_at } = payload;
  if (how === 'self') return setAsideWords(how, by_name, given_at);
  const word =
    kind === 'approval.add'
      ? t('officer_approved_by', { name: by_name ?? '', how: howCame(how), time: exactly(given_at, now.value) })
      : setAsideWords(how, by_name, given_at);
  return `${word} · ${t(`officer_word_${answer ?? 'waiting'}`)}`;
}
