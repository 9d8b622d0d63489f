/** The officer's list: drafts and referrals in one order, those that need the officer first. Pure. */
import type { ReferralRecord, Word } from '../../state/types.ts';
import { detailsActs } from './acts.ts';
import { isExpired, type OfficerDraft } from './body.ts';

/** Smaller is sooner. What only a person can mend, then what has not left the phone, then what runs by itself. */
const RANK: Record<Word, number> = {
  attention: 0, not_sent: 1, nobody: 2, saved: 3, draft: 4, sending: 5, received: 6, seen: 7,
};
const DONE_RANK = 8;

export type Item =
  | { kind: 'draft'; draft: OfficerDraft; at: string }
  | { kind: 'referral'; record: ReferralRecord; unsent: boolean; at: string };

const isDone = ({ state, word }: ReferralRecord): boolean =>
  word !== 'attention' && ['closed', 'handed_off'].includes(String(state.registers['status']?.value));

function rank(item: Item): number {
  if (item.kind === 'draft') return RANK.draft;
  if (isDone(item.record)) return DONE_RANK;
  // Details that wait on the phone are the officer's to send.
  return item.unsent ? Math.min(RANK.draft, RANK[item.record.word]) : RANK[item.record.word];
}

/** My referrals and drafts. Within one rank the newest come first. */
export function items(drafts: readonly OfficerDraft[], records: readonly ReferralRecord[]): Item[] {
  const mine = records.filter((each) => each.mine);
  const begun = drafts.filter(({ body }) => body.details_of === null);
  const all: Item[] = [
    ...begun.map((draft): Item => ({ kind: 'draft', draft, at: draft.body.begun_at })),
    ...mine.map((record): Item => ({ kind: 'referral', record, unsent: hasUnsent(record, drafts), at: record.made_at })),
  ];
  return all.toSorted((a, b) => rank(a) - rank(b) || (a.at < b.at ? 1 : -1));
}

/** The draft that adds to a referral, if one was begun. */
export const detailsDraft = (drafts: readonly OfficerDraft[], referral_id: string): OfficerDraft | undefined =>
  drafts.find(({ body }) => body.details_of === referral_id);

function hasUnsent(record: ReferralRecord, drafts: readonly OfficerDraft[]): boolean {
  const draft = detailsDraft(drafts, record.id);
  return draft !== undefined && detailsActs(draft.body, record).length > 0;
}

/** Drafts to erase now: those without a yes at the end of the shift. What a person consented to is never erased. */
export const toErase = (drafts: readonly OfficerDraft[], now_ms: number): OfficerDraft[] =>
  drafts.filter((draft) => isExpired(draft, now_ms));
