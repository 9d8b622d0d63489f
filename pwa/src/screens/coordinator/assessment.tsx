/** The first questions, one group a screen. Every answer is kept as it is typed and submitted when its item is left. */
import { useEffect } from 'preact/hooks';
import { LIMITS, type AssessmentItem } from '../../domain/fields.ts';
import { ASSESSMENT_ITEMS } from '../../domain/fields.ts';
import { submit } from '../../state/compose.ts';
import { t } from '../../state/language.ts';
import { record as recordOf } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Field, LinkButton, Options, Screen, TextArea } from '../parts/index.ts';
import {
  ANSWERS, GROUP_NAMES, OPEN_ANSWERS, QUESTION_GROUPS, countAll, countAnswered, groupAfter, isDanger, isOpen, saveActs, standing,
  unsaved, withAnswer, withText, type Answer, type QuestionGroup,
} from './assessment.ts';
import { dropAnswers, keepAnswer, working } from './working.ts';
import { word } from './wording.ts';

/** Submits what is kept and not yet submitted. What cannot be submitted now stays kept, and is tried again at the next leaving. */
async function save(referral_id: string, items: readonly AssessmentItem[]): Promise<void> {
  const record = recordOf(referral_id);
  if (record === undefined) return;
  const kept = working(referral_id).answers;
  const changed = unsaved(record, kept, items);
  const acts = saveActs(changed);
  if (acts.length > 0) await submit(referral_id, acts);
  await dropAnswers(referral_id, Object.fromEntries(items.flatMap((item) => (kept[item] ? [[item, kept[item]]] : []))));
}

/** A failed save leaves the answers kept on the phone, encrypted; nothing is lost and nothing is claimed. */
const leave = (referral_id: string, items: readonly AssessmentItem[]): void => {
  save(referral_id, items).catch(() => undefined);
};

interface ItemProps {
  item: AssessmentItem;
  answer: Answer | undefined;
  onChange: (answer: Answer) => void;
  onLeave: () => void;
}

function Item({ item, answer, onChange, onLeave }: ItemProps) {
  const open = isOpen(item);
  const choices = open ? OPEN_ANSWERS : ANSWERS;
  const withWords = open || answer?.answer === 'yes' || answer?.answer === 'no' || answer?.answer === 'unknown';
  const words = (
    <Field label={open ? word('ask', item) : t('co_assessment_words')} optional={!open}>
      <TextArea
        rows={2}
        value={answer?.text ?? ''}
        maxLength={LIMITS.long_text}
        onInput={(text) => onChange(withText(item, answer, text))}
      />
    </Field>
  );
  return (
    <div
      class="item"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) onLeave();
      }}
    >
      {open && words}
      <Options
        inline
        hideLabel={open}
        label={word('ask', item)}
        options={choices.map((value) => ({ value, label: word('answer', value) }))}
        value={choices.find((choice) => choice === answer?.answer)}
        onChoose={(chosen) => onChange(withAnswer(item, answer, chosen))}
      />
      {isDanger(item, answer) && <p class="state bad">{t('co_danger_now')}</p>}
      {!open && withWords && words}
    </div>
  );
}

function Group({ record, group }: { record: ReferralRecord; group: QuestionGroup }) {
  const items = QUESTION_GROUPS[group];
  const kept = working(record.id).answers;
  const next = groupAfter(group);
  const done = countAnswered(record, kept, items);
  const home = `/referral/${record.id}/assessment`;
  // Buttons do not take the focus on every phone, so leaving the group saves as well.
  useEffect(() => () => leave(record.id, items), [record.id, group]);
  const change = (item: AssessmentItem, answer: Answer): void => {
    keepAnswer(record.id, item, answer);
    leave(record.id, items.filter((each) => each !== item));
  };
  return (
    <Screen
      title={word('group', group)}
      progress={t('step_of', { n: GROUP_NAMES.indexOf(group) + 1, of: GROUP_NAMES.length })}
      back={() => go(home)}
      main={
        <Button kind="act" onClick={() => go(next ? `${home}/${next}` : home)}>
          {next === undefined ? t('done') : t(done === 0 ? 'co_assessment_skip' : 'co_assessment_next')}
        </Button>
      }
    >
      {items.map((item) => (
        <Item
          key={item}
          item={item}
          answer={standing(record, kept, item)}
          onChange={(answer) => change(item, answer)}
          onLeave={() => leave(record.id, [item])}
        />
      ))}
    </Screen>
  );
}

export function Assessment({ record, group }: { record: ReferralRecord; group: QuestionGroup | undefined }) {
  const kept = working(record.id).answers;
  // What an earlier visit could not submit (a phone locked in mid-word) is submitted now.
  useEffect(() => leave(record.id, ASSESSMENT_ITEMS), [record.id]);
  if (group !== undefined) return <Group key={group} record={record} group={group} />;
  const progress = (n: number, of: number): string => t('co_assessment_progress', { n, of });
  return (
    <Screen
      title={t('co_assessment')}
      progress={progress(countAll(record, kept), ASSESSMENT_ITEMS.length)}
      back={() => go(`/referral/${record.id}`)}
      main={
        <LinkButton kind="act" to={`/referral/${record.id}`}>
          {t('co_assessment_done')}
        </LinkButton>
      }
    >
      <p>{t('co_assessment_lead')}</p>
      <ul class="entries">
        {GROUP_NAMES.map((name) => (
          <li key={name}>
            <a class="button plain" href={`#/referral/${record.id}/assessment/${name}`}>
              {word('group', name)} <span class="soft">{progress(countAnswered(record, kept, QUESTION_GROUPS[name]), QUESTION_GROUPS[name].length)}</span>
            </a>
          </li>
        ))}
      </ul>
    </Screen>
  );
}
