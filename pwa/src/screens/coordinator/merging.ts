/**
 * Referrals that may be about the same person, and what would come together if they were merged. Pure.
 *
 * Looks only at what this phone shows its coordinator anyway; nothing is asked of the server. What people have in common is told
 * as it is (the same name, the same number), never as a likelihood: a person decides.
 */
import { joined, linksOf, membersOf, rootOf, type Links } from '../../domain/merging.ts';
import type { State } from '../../domain/records.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { read } from './reading.ts';

export const REASONS = ['name', 'birth_date', 'contact', 'place'] as const;
export type Reason = (typeof REASONS)[number];
/** So many are offered. */
export const OFFERED_LIMIT = 5;
/** Two officers who met the same person met them within so long. */
export const SAME_HOURS = 12;
const SAME_PLACE_METRES = 150;
/** Shorter numbers are not telephone numbers. */
const NUMBER_DIGITS = 7;
const METRES_A_DEGREE = 111_320;

type Compared = Pick<ReferralRecord, 'id' | 'state' | 'made_at' | 'number' | 'page' | 'view'>;

export interface Alike<R> {
  record: R;
  reasons: Reason[];
}

/** Letters and digits alone, without accents, in the order of the alphabet word by word: "Peña, Ana" is "Ana Pena". */
function plain(text: string | undefined): string {
  const letters = (text ?? '').normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return (letters.match(/[\p{L}\p{N}]+/gu) ?? []).sort().join(' ');
}

const numbersIn = (text: string | undefined): string[] =>
  (text?.match(/\d[\d\s().-]*\d/g) ?? []).map((found) => found.replaceAll(/\D/g, '')).filter((found) => found.length >= NUMBER_DIGITS);

const meet = <T>(one: readonly T[], other: readonly T[]): boolean => one.some((each) => other.includes(each));

function namesOf(of: Compared): string[] {
  return [plain(read<string>(of, 'name')), plain(read<string>(of, 'alias'))].filter((name) => name !== '');
}

interface Position {
  latitude_e6: number;
  longitude_e6: number;
}

function near(one: Position | undefined, other: Position | undefined): boolean {
  if (!one || !other) return false;
  const north = ((one.latitude_e6 - other.latitude_e6) / 1e6) * METRES_A_DEGREE;
  const shrunk = Math.cos((one.latitude_e6 / 1e6) * (Math.PI / 180));
  const east = ((one.longitude_e6 - other.longitude_e6) / 1e6) * METRES_A_DEGREE * shrunk;
  return Math.hypot(north, east) <= SAME_PLACE_METRES;
}

function samePlaceAndTime(one: Compared, other: Compared): boolean {
  if (Math.abs(Date.parse(one.made_at) - Date.parse(other.made_at)) > SAME_HOURS * 3_600_000) return false;
  const place = plain(read<string>(one, 'place'));
  return (place !== '' && place === plain(read<string>(other, 'place'))) || near(read<Position>(one, 'gps'), read<Position>(other, 'gps'));
}

/** What the two have in common. A birth date alone says nothing where two different names are known. */
export function reasonsFor(one: Compared, other: Compared): Reason[] {
  const [names, others] = [namesOf(one), namesOf(other)];
  const name = meet(names, others);
  const born = read<string>(one, 'birth_date');
  const strangers = names.length > 0 && others.length > 0 && !name;
  const found: Record<Reason, boolean> = {
    name,
    birth_date: born !== undefined && born === read<string>(other, 'birth_date') && !strangers,
    contact: meet(numbersIn(read<string>(one, 'contact')), numbersIn(read<string>(other, 'contact'))),
    place: samePlaceAndTime(one, other),
  };
  return REASONS.filter((reason) => found[reason]);
}

/** Which referral is merged into which, among those on this phone. */
export const linksAmong = (records: readonly Compared[]): Links => linksOf(new Map(records.map(({ id, state }) => [id, state])));

/** Other referrals, each as what it is worked on as, that have something in common with this one: the most alike first. */
export function alike<R extends Compared>(record: Compared, records: readonly R[]): Alike<R>[] {
  const links = linksAmong(records);
  const root = rootOf(links, record.id);
  return records
    .filter(({ id }) => rootOf(links, id) === id && id !== root)
    .map((other) => ({ record: other, reasons: reasonsFor(record, other) }))
    .filter(({ reasons }) => reasons.length > 0)
    .sort((a, b) => b.reasons.length - a.reasons.length || b.record.made_at.localeCompare(a.record.made_at) || a.record.id.localeCompare(b.record.id))
    .slice(0, OFFERED_LIMIT);
}

/** What was merged into another that is here too is worked on there, unless its own page still calls. */
export function isWorkedOnElsewhere(record: Compared, links: Links): boolean {
  return rootOf(links, record.id) !== record.id && record.page?.state !== 'open';
}

/** The others that are worked on together with this one. */
export const mergedWith = (record: Compared, links: Links): string[] => membersOf(links, record.id).filter((id) => id !== record.id);

/** The one that would go on, and the one that would be merged into it: the earlier number stays. */
export function directed<R extends Compared>(one: R, other: R): { into: R; from: R } {
  const [a, b] = [one.number ?? Number.MAX_SAFE_INTEGER, other.number ?? Number.MAX_SAFE_INTEGER];
  return a < b || (a === b && one.id < other.id) ? { into: one, from: other } : { into: other, from: one };
}

/** What becomes of a field: both say the same, one alone says something, each keeps its own account, or a person decides. */
export type Outcome = 'same' | 'fills' | 'own' | 'decide';
export interface Row {
  key: string;
  into: unknown;
  from: unknown;
  outcome: Outcome;
}

/** Told in words of their own, or not a field at all. */
const NOT_COMPARED = new Set(['origin', 'status', 'check', 'accepted', 'merged_into', 'closure', 'gps', 'facts', 'review_facts', 'determination']);

/** A state as the phone shows it lacks its vectors; the view's names every device that wrote what is shown. */
const withDevices = ({ state, view }: Compared): State => ({ ...state, vectors: view ? { origin: view.vector } : {} });

/** Field by field what would come together; what a person would have to decide comes first. */
export function comparison(into: Compared, from: Compared): Row[] {
  const whole = joined(withDevices(into), withDevices(from));
  const disagreeing = new Set(Object.values(whole.conflicts).map(({ key }) => key));
  const keys = [...new Set([...Object.keys(into.state.registers), ...Object.keys(from.state.registers)])];
  const rows = keys.filter((key) => !NOT_COMPARED.has(key)).map((key): Row => {
    const [one, other] = [read(into, key), read(from, key)];
    const same = JSON.stringify(one) === JSON.stringify(other);
    const alone = one === undefined || other === undefined;
    const outcome: Outcome = disagreeing.has(key) ? 'decide' : same ? 'same' : alone ? 'fills' : 'own';
    return { key, into: one, from: other, outcome };
  });
  const order: readonly Outcome[] = ['decide', 'fills', 'own', 'same'];
  return rows
    .filter((row) => row.into !== undefined || row.from !== undefined)
    .sort((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome) || (a.key < b.key ? -1 : 1));
}
