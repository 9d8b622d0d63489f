/**
 * One draft on its way, for the screens: what it says, what the rules say of it, and how to move.
 *
 * Every change is saved at once through `edit`; moving remembers the step, so that a killed app opens where it was.
 */
import type { Determination, PackDocument } from '../../rules/model.ts';
import { discard, drafts, edit } from '../../state/drafts.ts';
import { dayOf, packByHash, packInForce, today } from '../../state/packs.ts';
import { go, goInstead } from '../../state/router.ts';
import { program } from '../../state/session.ts';
import { tally } from '../../state/tallies.ts';
import { read, type Body, type FieldValue, type OfficerDraft, type Step } from './body.ts';
import { judge, stepAfter, stepBefore, type Days } from './flow.ts';

export interface Way {
  draft: OfficerDraft;
  body: Body;
  /** The rules that the draft began with. */
  pack: PackDocument | null;
  days: Days;
  change: (patch: Partial<Body>) => void;
  /** Saves the patch and goes to what follows this step. */
  next: (patch?: Partial<Body>) => void;
  back: () => void;
  pause: () => void;
}

export const officerDrafts = (): OfficerDraft[] => drafts.value.map((draft) => read(draft, packInForce.value?.hash));

export const packOf = (hash: string | null): PackDocument | null => packByHash(program.value, hash);

/** What the rules say of a draft so far. */
export const judged = ({ body, pack, days }: Way): Determination | null => judge(body, pack, days);

/** Writes one field on top of what the draft says by now, which may be more than the screen that asked had seen. */
export function setField(draft_id: string, key: string, value: FieldValue): void {
  const draft = officerDrafts().find((each) => each.draft_id === draft_id);
  if (draft) edit(draft_id, { fields: { ...draft.body.fields, [key]: value } });
}

export const pathOf = (draft: OfficerDraft, step: Step = draft.body.step): string => `/draft/${draft.draft_id}/${step}`;

export function wayOf(draft: OfficerDraft, step: Step): Way {
  const { draft_id, body } = draft;
  const pack = packOf(body.pack);
  const days = { incident_date: dayOf(body.begun_at, program.value?.time_zone), referral_date: today.value };
  const change = (patch: Partial<Body>): void => edit(draft_id, patch);
  const to = (target: Step | null, patch: Partial<Body>): void => {
    change({ ...patch, step: target ?? step });
    go(target ? pathOf(draft, target) : '/');
  };
  return {
    draft,
    body,
    pack,
    days,
    change,
    next: (patch = {}) => to(stepAfter(step, { ...body, ...patch }, pack, days), patch),
    back: () => {
      const target = stepBefore(step, body, pack);
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
