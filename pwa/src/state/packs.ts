/**
 * Which rules this phone goes by: those in force on the program's own day, without a network, and those that drafts keep.
 *
 * Answers for choosing among the packs that the server sent. Pure but for the two signals at the end.
 */
import { computed, type ReadonlySignal } from '@preact/signals';
import type { PackDocument } from '../rules/model.ts';
import { now } from './clock.ts';
import { program } from './phase.ts';
import type { ProgramDocument } from './types.ts';

type Packs = Pick<ProgramDocument, 'pack' | 'coming' | 'kept'>;

/** Far more than a draft ever outlives: packs change a few times a year. */
export const KEPT_LIMIT = 8;

const days = new Map<string | undefined, Intl.DateTimeFormat>();

/** The day (YYYY-MM-DD) of an instant, in the given time zone or the phone's own. */
export function dayOf(at: string | number, zone: string | undefined): string {
  // Sweden writes its days as ISO 8601 does.
  const format = days.get(zone) ?? new Intl.DateTimeFormat('sv-SE', zone ? { timeZone: zone } : {});
  days.set(zone, format);
  return format.format(new Date(at));
}

const all = ({ pack, coming = [], kept = [] }: Packs): PackDocument[] => [...(pack ? [pack] : []), ...coming, ...kept];

/**
 * The pack in force on a day: the one that began last. The server said that `pack` is in force, so a phone whose clock is
 * behind goes on with it; what is coming begins by the phone's own calendar.
 */
export function inForce({ pack, coming = [] }: Packs, day: string): PackDocument | null {
  const begun = coming.filter(({ document }) => document.effective_from <= day);
  const holds = [...(pack ? [pack] : []), ...begun].filter(({ document: { effective_until: until } }) => until === null || day <= until);
  return holds.reduce<PackDocument | null>(
    (last, each) => (last && each.document.effective_from < last.document.effective_from ? last : each),
    null,
  );
}

export const packByHash = (packs: Packs | null, hash: string | null): PackDocument | null =>
  (packs && all(packs).find((each) => each.hash === hash)) ?? null;

/** What the server sent, with the packs that it sends no longer while any draft on the phone may have begun with them. */
export function keepingPacks(sent: ProgramDocument, former: ProgramDocument | null, drafts: boolean): ProgramDocument {
  if (!former || !drafts) return sent;
  const known = new Set(all(sent).map(({ hash }) => hash));
  const kept = all(former).filter(({ hash }) => !known.has(hash) && known.add(hash));
  return kept.length > 0 ? { ...sent, kept: kept.slice(0, KEPT_LIMIT) } : sent;
}

/** Today where the program is: it changes at midnight there. */
export const today: ReadonlySignal<string> = computed(() => dayOf(now.value, program.value?.time_zone));

export const packInForce: ReadonlySignal<PackDocument | null> = computed(() => program.value && inForce(program.value, today.value));
