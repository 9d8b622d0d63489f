/**
 * The first questions: which there are, in which groups, what counts as answered, and what has to be submitted.
 *
 * Short, skippable and no diagnosis; the full intake lives elsewhere. "Not asked" is an answer. Pure: the words are in the
 * dictionaries, keeping half-typed answers is `working`, the screen is `assessment.tsx`.
 */
import { ASSESSMENT_ITEMS, type AssessmentItem } from '../../domain/fields.ts';
import type { Act } from '../../state/types.ts';
import { read, type Readable } from './reading.ts';
import { clean } from './text.ts';
import type { Answers } from './working.ts';

export const ANSWERS = ['yes', 'no', 'unknown', 'prefers_not', 'not_asked'] as const;
export interface Answer {
  answer: (typeof ANSWERS)[number];
  text: string;
}

export const QUESTION_GROUPS = {
  wants: ['first_want', 'best_place_time'],
  now: ['overdose', 'withdrawal', 'medical', 'suicide', 'violence', 'naloxone'],
  today: ['sleeping', 'food_clothing', 'identification_phone', 'transport'],
  health: ['substances', 'mental_health'],
  people: ['children_pets_partner', 'language_disability', 'providers'],
  matters: ['court', 'income'],
} as const satisfies Record<string, readonly AssessmentItem[]>;
export type QuestionGroup = keyof typeof QUESTION_GROUPS;
export const GROUP_NAMES = Object.keys(QUESTION_GROUPS) as QuestionGroup[];

/** Asked for words and not for yes or no: anything written counts as answered. */
const OPEN: readonly AssessmentItem[] = ['sleeping', 'providers', 'first_want', 'best_place_time'];
export const isOpen = (item: AssessmentItem): boolean => OPEN.includes(item);
export const OPEN_ANSWERS = ['unknown', 'prefers_not', 'not_asked'] as const;

/** A "yes" here may mean that somebody has to stay. */
const DANGER: readonly AssessmentItem[] = ['overdose', 'suicide', 'violence'];
export const isDanger = (item: AssessmentItem, answer: Answer | undefined): boolean =>
  DANGER.includes(item) && answer?.answer === 'yes';

export const isGroupName = (name: string | undefined): name is QuestionGroup =>
  name !== undefined && Object.hasOwn(QUESTION_GROUPS, name);

export const groupAfter = (group: QuestionGroup): QuestionGroup | undefined => GROUP_NAMES[GROUP_NAMES.indexOf(group) + 1];

export const answered = (record: Pick<Readable, 'state'>, item: AssessmentItem): Answer | undefined =>
  read<Answer>(record, `assessment.${item}`);

/** The answer as it stands on this phone: what is being typed, else what was submitted. */
export const standing = (record: Pick<Readable, 'state'>, kept: Answers, item: AssessmentItem): Answer | undefined =>
  kept[item] ?? answered(record, item);

/** Words given to an open question are its answer; taking them away leaves it unasked, unless another answer was chosen. */
export function withText(item: AssessmentItem, before: Answer | undefined, text: string): Answer {
  const answer = before?.answer ?? 'not_asked';
  if (!isOpen(item)) return { answer, text };
  return { answer: text.trim() !== '' ? 'yes' : answer === 'yes' ? 'not_asked' : answer, text };
}

/** Choosing "does not know" and the like for an open question takes its words away: the two would contradict each other. */
export const withAnswer = (item: AssessmentItem, before: Answer | undefined, answer: Answer['answer']): Answer => ({
  answer,
  text: isOpen(item) || answer === 'not_asked' || answer === 'prefers_not' ? '' : (before?.text ?? ''),
});

export function countAnswered(record: Pick<Readable, 'state'>, kept: Answers, items: readonly AssessmentItem[]): number {
  return items.filter((item) => standing(record, kept, item) !== undefined).length;
}

export const countAll = (record: Pick<Readable, 'state'>, kept: Answers): number =>
  countAnswered(record, kept, ASSESSMENT_ITEMS);

/** The kept answers among these items that differ from what the referral already says. */
export function unsaved(record: Pick<Readable, 'state'>, kept: Answers, items: readonly AssessmentItem[]): Answers {
  const changed = items.flatMap((item) => {
    const now = kept[item];
    const then = answered(record, item);
    const same = now === undefined || (now.answer === then?.answer && clean(now.text) === then.text);
    return same ? [] : [[item, now] as const];
  });
  return Object.fromEntries(changed);
}

/** One operation for each changed item, so that two coordinators disagree about one answer and not about the whole form. */
export function saveActs(changed: Answers): Act[] {
  return Object.entries(changed).map(([item, { answer, text }]) => ({
    kind: 'referral.set',
    payload: { fields: { [`assessment.${item}`]: { answer, text: clean(text) } } },
  }));
}
