/** Other people's word as an officer wrote it down, and the named person's own answer to it. For coordinators and desks. */
import { announce } from '../../state/announce.ts';
import { now } from '../../state/clock.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { me, program } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { mayConfirm } from '../../domain/approvals.ts';
import type { Pack } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import { agencyOf } from './reading.ts';
import { differenceOf, isTheirs, type Told } from './said.ts';
import { useSubmit } from './use_submit.ts';

const TONES = { open: 'wait', confirmed: 'good', not_given: 'bad' } as const;

/** Who wrote it; where this role is not told names, the agency. */
function writerOf(record: ReferralRecord, { entry }: Told): string {
  const agency = program.value?.agencies.find(({ id }) => id === agencyOf(record))?.name;
  return people.value[entry.by]?.name ?? agency ?? t('staff_somebody');
}

function given({ entry }: Told): string {
  const when = exactly(entry.payload.given_at, now.value);
  if (entry.payload.how === 'self') return t('staff_set_aside_self', { name: people.value[entry.by]?.name ?? t('staff_somebody'), when });
  const name = entry.payload.by_name ?? t('staff_somebody');
  const how = t(`staff_how_${entry.payload.how}`);
  return t(entry.kind === 'approval.add' ? 'staff_approved' : 'staff_set_aside', { name, how, when });
}

/** What it was about, in the pack's own words. */
export function about({ entry, of }: Told, pack: Pack | null): string {
  const text =
    entry.kind === 'approval.add'
      ? pack?.practice.approvals.find(({ id }) => id === of)?.text
      : pack?.rules.find(({ id }) => id === of)?.why;
  return text?.[shownLanguage.value] ?? t('staff_no_text', { code: of.replaceAll('_', ' ') });
}

/** Who, how and when; whether the person named has confirmed it; and the two answers for that person. */
export function WordLine({ record, word, pack }: { record: ReferralRecord; word: Told; pack: Pack | null }) {
  const { busy, failed, send } = useSubmit(record.id);
  const { entry, id } = word;
  const standing = word.answer ?? 'open';
  const self = entry.payload.how === 'self';
  const mine = word.answer === null && me.value !== null && mayConfirm(me.value.role, me.value.user_id, entry);
  const say = async (answer: 'confirmed' | 'not_given'): Promise<void> => {
    if (await send([{ kind: 'approval.confirm', payload: { entry: id, answer }, saw: [id] }])) announce(t('staff_answer_saved'));
  };
  return (
    <li class="word">
      <p>{about(word, pack)}</p>
      <p class={`state ${self ? 'good' : TONES[standing]}`}>{self ? given(word) : `${given(word)} · ${t(`staff_${standing}`)}`}</p>
      {pack && !isTheirs(word, pack) && <p class="state bad">{t('staff_not_theirs')}</p>}
      {entry.kind === 'override.add' && <p>{t('staff_reason', { reason: entry.payload.reason })}</p>}
      {!self && <p class="soft">{t('staff_recorded', { name: writerOf(record, word) })}</p>}
      {mine && (
        <div class="actions">
          <Button busy={busy} onClick={() => void say('confirmed')}>
            {t('staff_i_approved')}
          </Button>
          <Button busy={busy} onClick={() => void say('not_given')}>
            {t('staff_i_did_not')}
          </Button>
        </div>
      )}
      {failed && (
        <p class="state bad" role="alert">
          {t('staff_failed')}
        </p>
      )}
    </li>
  );
}

/** One plain sentence where the server does not agree with what the phone said; nothing where it does. */
export function DifferenceLine({ record }: { record: ReferralRecord }) {
  const check = differenceOf(record);
  if (check === undefined) return null;
  const outcome = t(`staff_outcome_${check.outcome ?? 'needs_review'}`);
  return <p class="state wait">{t(`staff_check_${check.verdict as Exclude<typeof check.verdict, 'agrees'>}`, { outcome })}</p>;
}
