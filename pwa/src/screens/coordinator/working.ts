/**
 * What a coordinator is in the middle of typing about one referral: kept encrypted on the phone until it is submitted.
 *
 * Answers for one draft per referral. State keeps drafts without knowing what is in them; what is submitted, and when, is decided by
 * the screens and by `assessment`.
 */
import type { AssessmentItem } from '../../domain/fields.ts';
import { discard, drafts, edit, newDraft } from '../../state/drafts.ts';
import type { Draft } from '../../state/types.ts';
import type { Answer } from './assessment.ts';

export type TextName = 'note' | 'contact' | 'decision' | `fact:${string}` | `override:${string}`;
export type Answers = Partial<Record<AssessmentItem, Answer>>;
// A type and not an interface, so that it is also a plain JSON object for the state layer.
export type Working = { room: 'coordinator'; texts: Partial<Record<TextName, string>>; answers: Answers };

const NOTHING: Working = { room: 'coordinator', texts: {}, answers: {} };

export const isNothing = ({ texts, answers }: Working): boolean =>
  Object.values(texts).every((text) => text === '') && Object.keys(answers).length === 0;

/** The working draft of a referral among all drafts of this phone. */
export function findWorking(all: readonly Draft[], referral_id: string): Draft<Working> | undefined {
  return all.find((draft) => draft.referral_id === referral_id && draft.body['room'] === 'coordinator') as
    | Draft<Working>
    | undefined;
}

export const working = (referral_id: string): Working => ({ ...NOTHING, ...findWorking(drafts.value, referral_id)?.body });

function keep(referral_id: string, patch: Partial<Working>): void {
  const known = findWorking(drafts.peek(), referral_id);
  if (known === undefined) newDraft<Working>({ ...NOTHING, ...patch }, referral_id);
  else edit(known.draft_id, patch);
}

async function letGoWhenEmpty(referral_id: string): Promise<void> {
  const known = findWorking(drafts.peek(), referral_id);
  if (known !== undefined && isNothing({ ...NOTHING, ...known.body })) await discard(known.draft_id);
}

export function keepText(referral_id: string, name: TextName, text: string): void {
  const { texts } = { ...NOTHING, ...findWorking(drafts.peek(), referral_id)?.body };
  keep(referral_id, { texts: { ...texts, [name]: text } });
}

/** Forgets a text that has been submitted. */
export async function dropText(referral_id: string, name: TextName): Promise<void> {
  keepText(referral_id, name, '');
  await letGoWhenEmpty(referral_id);
}

export function keepAnswer(referral_id: string, item: AssessmentItem, answer: Answer): void {
  const { answers } = { ...NOTHING, ...findWorking(drafts.peek(), referral_id)?.body };
  keep(referral_id, { answers: { ...answers, [item]: answer } });
}

/** Forgets answers that have been submitted, except those that were changed again in the meantime. */
export async function dropAnswers(referral_id: string, submitted: Answers): Promise<void> {
  const known = findWorking(drafts.peek(), referral_id);
  if (known === undefined) return;
  const left = Object.entries(known.body.answers).filter(([item, answer]) => {
    const sent = submitted[item as AssessmentItem];
    return sent === undefined || sent.answer !== answer.answer || sent.text !== answer.text;
  });
  keep(referral_id, { answers: Object.fromEntries(left) });
  await letGoWhenEmpty(referral_id);
}
