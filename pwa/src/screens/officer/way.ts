/**
 * One draft on its way, for the screens: what it says, what the rules say of it, and how to move.
 *
 * Every change is saved at once through `edit`; moving remembers the step, so that a killed app opens where it was.
 */
import type { PackDocument } from '../../rules/model.ts';
import { discard, drafts, edit } from '../../state/drafts.ts';
import { go, goInstead } from '../../state/router.ts';
import { program } from '../../state/session.ts';
import { tally } from '../../state/tallies.ts';
import { read, type Body, type FieldValue, type OfficerDraft, type Step } from './body.ts';
import { stepAfter, stepBefore } from './flow.ts';

export interface Way {
  draft: OfficerDraft;
  body: Body;
  pack: PackDocument | null;
  change: (patch: Partial<Body>) => void;
  /** Saves the patch and goes to what follows this step. */
  next: (patch?: Partial<Body>) => void;
  back: () => void;
  pause: () => void;
}

/** The rules kept on this phone; the server checked them before it sent them. */
export const packInForce = (): PackDocument | null => (program.value?.pack as PackDocument | null | undefined) ?? null;

export const officerDrafts = (): OfficerDraft[] => drafts.value.map(read);

/** Writes one field on top of what the draft says by now, which may be more than the screen that asked had seen. */
export function setField(draft_id: string, key: string, value: FieldValue): void {
  const draft = officerDrafts().find((each) => each.draft_id === draft_id);
  if (draft) edit(draft_id, { fields: { ...draft.body.fields, [key]: value } });
}

export const pathOf = (draft: OfficerDraft, step: Step = draft.body.step): string => `/draft/${draft.draft_id}/${step}`;

export function wayOf(draft: OfficerDraft, step: Step): Way {
  const { draft_id, body } = draft;
  const pack = packInForce();
  const change = (patch: Partial<Body>): void => edit(draft_id, patch);
  const to = (target: Step | null, patch: Partial<Body>): void => {
    change({ ...patch, step: target ?? step });
    go(target ? pathOf(draft, target) : '/');
  };
  return {
    draft,
    body,
    pack,
    change,
    next: (patch = {}) => to(stepAfter(step, { ...body, ...patch }, pack), patch),
    back: () => {
      const target = stepBefore(step, body);
      to(target, target === 'questions' ? { at: Math.max(0, body.asked.length - 1) } : {});
    },
    pause: () => go('/'),
  };
}

export type Ending = 'declined' | 'walked_away' | 'stopped';

/**
 * The offer is over without a referral: the draft is erased. An answer leaves a nameless count, stored first, so that a
 * phone that dies in between counts once too often rather than never.
 */
export async function end(draft: OfficerDraft, ending: Ending): Promise<void> {
  if (ending !== 'stopped') {
    await tally({ pathway: draft.body.pathway, answer: ending, reason: null, demographics: {} });
  }
  await discard(draft.draft_id);
}

export async function endAndShow(draft: OfficerDraft, ending: Ending): Promise<void> {
  await end(draft, ending);
  goInstead(`/ended/${ending}`);
}
