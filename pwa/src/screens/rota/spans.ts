/**
 * What a rota means for one person, one day, one instant: spans picked and grouped, never computed. Pure.
 *
 * The server resolves rules and changes; "now" is an argument, in epoch milliseconds.
 */
import { LEVELS, type Change, type Level, type Rota, type Span, type Stretch } from './server.ts';
import { dayAfter, dayOf, dayStart } from './zone.ts';

export interface Time {
  from_ms: number;
  to_ms: number;
}

/** One person's duty at one level. */
export interface Duty extends Time {
  level: Level;
  user_id: string;
  name: string;
  why: Span['why'];
  absent: boolean;
}

export interface Gap extends Time {
  level: Level;
}

export const timeOf = ({ start, end }: Stretch): Time => ({ from_ms: Date.parse(start), to_ms: Date.parse(end) });

const byTime = (a: Time, b: Time): number => a.from_ms - b.from_ms || a.to_ms - b.to_ms;
const byLevel = (a: { level: Level }, b: { level: Level }): number => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);

/** Every duty of the levels given, sorted by time, then by level. */
export function dutiesOf({ levels }: Pick<Rota, 'levels'>): Duty[] {
  const all = levels.flatMap(({ level, spans }) =>
    spans.map((span): Duty => {
      const { user_id, name, why, absent } = span;
      return { level, user_id, name, why, absent: absent === true, ...timeOf(span) };
    }),
  );
  return all.sort((a, b) => byTime(a, b) || byLevel(a, b));
}

/** Duties of one person at one level that touch are one shift, whatever they came of. */
export function joined(duties: readonly Duty[]): Duty[] {
  const shifts: Duty[] = [];
  for (const duty of duties) {
    const before = shifts.findLast(({ level, user_id, to_ms }) => level === duty.level && user_id === duty.user_id && to_ms >= duty.from_ms);
    if (before === undefined) shifts.push({ ...duty });
    else before.to_ms = Math.max(before.to_ms, duty.to_ms);
  }
  return shifts;
}

export const runs = ({ from_ms, to_ms }: Time, now_ms: number): boolean => from_ms <= now_ms && now_ms < to_ms;

export interface Shifts {
  running: Duty[];
  coming: Duty[];
}

export function shiftsOf(rota: Rota, user_id: string, now_ms: number): Shifts {
  const own = joined(dutiesOf(rota).filter((duty) => duty.user_id === user_id && !duty.absent));
  return {
    running: own.filter((shift) => runs(shift, now_ms)).sort(byLevel),
    coming: own.filter(({ from_ms }) => from_ms > now_ms),
  };
}

/** Who has duty now besides one person, on call first. */
export const othersNow = (rota: Rota, user_id: string, now_ms: number): Duty[] =>
  joined(dutiesOf(rota).filter((duty) => duty.user_id !== user_id && !duty.absent))
    .filter((shift) => runs(shift, now_ms))
    .sort(byLevel);

/** A level that nobody ever planned has no gaps: it is not there. */
export const isPlanned = (rota: Rota, level: Level): boolean =>
  rota.levels.some((each) => each.level === level && (each.rules.length > 0 || each.spans.length > 0));

/** The gaps of planned levels that are not over and begin before `until_ms`, the soonest first. */
export function gapsOf(rota: Rota, now_ms: number, until_ms: number): Gap[] {
  const all = rota.levels.flatMap(({ level, gaps }) => (isPlanned(rota, level) ? gaps.map((gap) => ({ level, ...timeOf(gap) })) : []));
  return all.filter(({ from_ms, to_ms }) => to_ms > now_ms && from_ms < until_ms).sort((a, b) => byTime(a, b) || byLevel(a, b));
}

export interface Overlap extends Gap {
  names: string[];
}

/** More than one person at the same time: may well be meant. */
export function overlapsOf(rota: Rota, now_ms: number, until_ms: number): Overlap[] {
  const all = rota.levels.flatMap(({ level, spans, overlaps }) =>
    overlaps.map((overlap): Overlap => {
      const names = overlap.user_ids.flatMap((id) => spans.find(({ user_id }) => user_id === id)?.name ?? []);
      return { level, ...timeOf(overlap), names };
    }),
  );
  return all.filter(({ from_ms, to_ms }) => to_ms > now_ms && from_ms < until_ms).sort(byTime);
}

/** What one day shows of a duty, or of a gap (`duty` is null), cut to the day. */
export interface Piece extends Time {
  duty: Duty | null;
}

export interface Day extends Time {
  /** `2026-11-24` */
  day: string;
  pieces: Piece[];
}

/**
 * So many days of a zone, from the one in which `from_ms` lies, each with its pieces in order. Nothing is known of what was
 * before `asked_ms`: what runs then is shown as having begun before.
 */
export function byDay(duties: readonly Duty[], gaps: readonly Gap[], zone: string, asked_ms: number, from_ms: number, days: number): Day[] {
  const first = dayOf(from_ms, zone);
  const cut = ({ from_ms: begins, to_ms }: Time): Time => ({ from_ms: begins <= asked_ms ? 0 : begins, to_ms });
  const all: Piece[] = [...duties.map((duty) => ({ duty, ...cut(duty) })), ...gaps.map((gap) => ({ duty: null, ...cut(gap) }))];
  return Array.from({ length: days }, (_, i) => {
    const day = dayAfter(first, i);
    const [begins, ends] = [dayStart(day, zone), dayStart(dayAfter(day, 1), zone)];
    const pieces = all
      .filter((piece) => piece.from_ms < ends && begins < piece.to_ms)
      .map((piece) => ({ ...piece, from_ms: Math.max(piece.from_ms, begins), to_ms: Math.min(piece.to_ms, ends) }))
      .sort(byTime);
    return { day, from_ms: begins, to_ms: ends, pieces };
  });
}

/** One request or arrangement: a change alone, or the two halves of a swap. `change` is the half of whoever asked. */
export interface Request {
  id: string;
  change: Change;
  /** What the asker takes in return; null where nothing is swapped. */
  back: Change | null;
}

/** The two halves of a swap as one, the oldest first. */
export function requestsOf(changes: readonly Change[]): Request[] {
  const seen = new Set<string>();
  const found: Request[] = [];
  for (const each of changes) {
    if (each.swap_id !== null && seen.has(each.swap_id)) continue;
    const halves = each.swap_id === null ? [each] : changes.filter(({ swap_id }) => swap_id === each.swap_id);
    if (each.swap_id !== null) seen.add(each.swap_id);
    const given = halves.find(({ user_id, made_by }) => user_id === made_by) ?? each;
    found.push({ id: given.id, change: given, back: halves.find((half) => half !== given) ?? null });
  }
  return found;
}

const ended = ({ change, back }: Request, now_ms: number): boolean =>
  Math.max(Date.parse(change.end), back ? Date.parse(back.end) : 0) <= now_ms;

const concerns = ({ change, back }: Request, user_id: string): boolean =>
  [change, back].some((half) => half?.user_id === user_id || half?.to_user_id === user_id);

export interface Requests {
  /** Wait for this person's own word. */
  asked: Request[];
  /** This person asked, and somebody else has to agree. */
  mine: Request[];
  /** Agreed, about this person, and not over. */
  arranged: Request[];
}

export function sortRequests(changes: readonly Change[], user_id: string, now_ms: number): Requests {
  const open = requestsOf(changes).filter((each) => !ended(each, now_ms));
  const proposed = open.filter(({ change }) => change.state === 'proposed');
  return {
    asked: proposed.filter(({ change }) => change.asked_of === user_id),
    mine: proposed.filter(({ change }) => change.made_by === user_id),
    arranged: open.filter((each) => each.change.state === 'accepted' && concerns(each, user_id)),
  };
}

/** Requests of this person that stood before and neither stand nor were agreed to now: somebody said no. */
export function fallen(before: readonly Change[], after: readonly Change[], user_id: string, now_ms: number): Request[] {
  const still = new Set(after.map(({ id }) => id));
  return sortRequests(before, user_id, now_ms).mine.filter(({ id }) => !still.has(id));
}
