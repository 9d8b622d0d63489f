/**
 * Referrals about one person: which were merged into which, and how they read together; the twin of `sync/merging.py`, where the
 * decisions stand with their reasons.
 *
 * The server shows the whole; the phone works it out to tell, before anybody merges, what would come together and what would
 * need a person. Only program staff's screens load this.
 */
import { type Group, STATUSES, type Status, groupOf } from './fields.ts';
import { open, saw } from './fold.ts';
import { type JsonValue, type Vector, canonical } from './operation.ts';
import type { Conflict, Register, State } from './records.ts';

/** So many referrals are worked on as one. */
export const MERGED_LIMIT = 24;

const OWN_EVENT: ReadonlySet<Group> = new Set<Group>(['case', 'circumstances']);
const FILLS = new Set(['gps', 'wait_minutes', 'callback', 'handoff', 'departure', 'accepted']);
const NEVER = new Set(['origin', 'merged_into', 'status', 'closure']);
const DETERMINED = new Set(['facts', 'determination', 'check']);

type Registers = Pick<State, 'registers'>;
/** Which referral is merged into which. */
export type Links = ReadonlyMap<string, string>;

/** What the referral itself says. */
export const mergedInto = ({ registers }: Registers): string | null =>
  (registers['merged_into']?.value as string | null | undefined) ?? null;

/** Which referral is merged into which, among these. */
export function linksOf(states: ReadonlyMap<string, Registers>): Links {
  const found = new Map<string, string>();
  for (const [id, state] of states) {
    const into = mergedInto(state);
    if (into !== null && into !== id && states.has(into)) found.set(id, into);
  }
  return found;
}

/** The end of the chain; of those merged into each other the smaller id. */
export function rootOf(links: Links, id: string): string {
  const passed = [id];
  for (;;) {
    const following = links.get(passed.at(-1) as string);
    if (following === undefined) return passed.at(-1) as string;
    const at = passed.indexOf(following);
    if (at >= 0) return passed.slice(at).reduce((one, other) => (one < other ? one : other));
    passed.push(following);
  }
}

/** Everything that is worked on together with this referral, itself too: the whole first, then by id. */
export function membersOf(links: Links, id: string): string[] {
  const root = rootOf(links, id);
  const others = [...links.keys()].filter((key) => key !== root && rootOf(links, key) === root);
  return [root, ...others.sort()];
}

/** The id under which a device's operations on a referral that was merged in count in the whole (and back). */
export function knownAs(device: string, referral_id: string): string {
  const number = (id: string): bigint => BigInt(`0x${id.replaceAll('-', '')}`);
  const text = (number(device) ^ number(referral_id)).toString(16).padStart(32, '0');
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
}

/** The first, with what the others hold. None of them is changed. */
export function joined(root: State, ...rest: readonly State[]): State {
  const ids = new Set([root, ...rest].map(({ referral_id }) => referral_id));
  const others = rest.map((other) => inTheWordsOf(root, other));
  const vectors = Object.fromEntries(Object.entries(root.vectors).map(([group, vector]) => [group, { ...vector }]));
  const whole: State = {
    ...root, registers: { ...root.registers }, entries: { ...root.entries }, strikes: {}, consent: { ...root.consent }, conflicts: {}, vectors,
  };
  if (ids.has(mergedInto(root) ?? '')) delete whole.registers['merged_into'];
  for (const other of others) joinStatus(whole, other);
  const gaveWay: Record<string, Conflict> = {};
  for (const other of others) {
    joinRegisters(whole, other, gaveWay);
    Object.assign(whole.entries, other.entries);
    Object.assign(whole.consent, other.consent);
    for (const [group, vector] of Object.entries(other.vectors)) Object.assign((whole.vectors[group as Group] ??= {}), vector);
  }
  for (const state of [root, ...others]) joinStrikes(whole, state);
  for (const conflicts of [root.conflicts, ...others.map((other) => other.conflicts), gaveWay]) {
    for (const [id, conflict] of Object.entries(conflicts)) joinConflict(whole, id, conflict);
  }
  return whole;
}

/** A record's members by the same rule. */
function each<T, R>(of: Record<string, T>, change: (member: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(of).map(([key, member]) => [key, change(member)]));
}

const devicesOf = ({ vectors }: State): ReadonlySet<string> => new Set(Object.values(vectors).flatMap((vector) => Object.keys(vector)));

function inTheWordsOf(root: State, other: State): State {
  const own = devicesOf(other);
  const known = devicesOf(root);
  const name = (device: string): string => {
    const apart = own.has(device) ? knownAs(device, other.referral_id) : device;
    const plain = knownAs(apart, root.referral_id);
    return known.has(plain) ? plain : apart;
  };
  const vector = (of: Vector): Vector => Object.fromEntries(Object.entries(of).map(([device, seq]) => [name(device), seq]));
  const renamed = <T extends { device: string }>(of: T): T => ({ ...of, device: name(of.device) });
  return {
    ...other,
    registers: each(other.registers, (of) => ({ ...renamed(of), base: vector(of.base), ...(of.was && { was: renamed(of.was) }) })),
    entries: each(other.entries, renamed),
    consent: each(other.consent, renamed),
    conflicts: each(other.conflicts, (of) => ({ ...of, lost_device: name(of.lost_device) })),
    vectors: each(other.vectors as Record<string, Vector>, vector),
  };
}

function joinStatus(whole: State, other: State): void {
  const offered = other.registers['status'];
  const standing = whole.registers['status'];
  if (!offered || (standing && !prevails(offered, standing))) return;
  whole.registers['status'] = offered;
  const why = other.registers['closure'];
  if (offered.value === 'closed' && why) whole.registers['closure'] = why;
}

function prevails(offered: Register, standing: Register): boolean {
  if (saw(standing, offered)) return false;
  return saw(offered, standing) || goingOn(offered) > goingOn(standing);
}

const goingOn = ({ value }: Register): number =>
  typeof value === 'string' && value !== 'closed' && Object.hasOwn(STATUSES, value) ? STATUSES[value as Status] : 0;

function joinRegisters(whole: State, other: State, gaveWay: Record<string, Conflict>): void {
  const determined = [...DETERMINED].some((key) => key in whole.registers);
  for (const [key, offered] of Object.entries(other.registers).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (NEVER.has(key) || (DETERMINED.has(key) && determined)) continue;
    const standing = whole.registers[key];
    if (standing === undefined || (onlyFills(key) && standing.value === null)) whole.registers[key] = offered;
    else if (!onlyFills(key)) whole.registers[key] = weighed(key, standing, offered, gaveWay);
  }
}

const onlyFills = (key: string): boolean => FILLS.has(key) || DETERMINED.has(key) || OWN_EVENT.has(groupOf(key));

function weighed(key: string, standing: Register, offered: Register, gaveWay: Record<string, Conflict>): Register {
  if (saw(standing, offered)) return standing;
  if (saw(offered, standing)) return offered;
  if (offered.value === null || agree(key, standing.value, offered.value)) return standing;
  if (standing.value === null) return offered;
  const [kept, lost] = offered.rank > standing.rank ? [offered, standing] : [standing, offered];
  open(gaveWay, key, kept, lost, {}); // the two had nothing before them that both knew
  return kept;
}

function agree(key: string, one: JsonValue, other: JsonValue): boolean {
  const holder = (value: JsonValue) => (key === 'holder' && value !== null ? (value as { user_id: string }).user_id : value);
  return canonical(holder(one)) === canonical(holder(other));
}

function joinStrikes(whole: State, { strikes }: State): void {
  for (const [id, strike] of Object.entries(strikes)) {
    const entry = whole.entries[id];
    const standing = whole.strikes[id];
    if (entry && entry.kind !== strike.entry_kind) continue;
    if (!standing || (strike.entry_kind === 'release.give' && standing.entry_kind !== strike.entry_kind)) whole.strikes[id] = strike;
  }
}

function joinConflict(whole: State, id: string, conflict: Conflict): void {
  const { key, kept, lost, lost_device, lost_seq, lost_value } = conflict;
  const standing = whole.registers[key];
  if (standing === undefined || standing.op === lost) return;
  if (standing.op === kept) {
    whole.conflicts[id] = conflict;
  } else if (!NEVER.has(key) && !onlyFills(key)) {
    const settled = saw(standing, { device: lost_device, seq: lost_seq }) || agree(key, standing.value, lost_value);
    if (!settled) whole.conflicts[`${key}|${standing.op}|${lost}`] = { ...conflict, kept: standing.op };
  }
}
