/**
 * The ways to oneself, as `/api/channels` tells them, and what can be asked of it. Reads answers with suspicion.
 *
 * Pure but for the calls. Whether a test came back is told by the server alone: a phone's own clock may be wrong.
 */
import { call, isRecord, Problem, Unreachable } from '../../transport/client.ts';
import { language } from '../../state/language.ts';

/** Besides the phones themselves. */
export const CONTACT_CHANNELS = ['sms', 'voice', 'email'] as const;
export type ContactChannel = (typeof CONTACT_CHANNELS)[number];

interface Address {
  id: string;
  last_ok_at: string | null;
  disabled_at: string | null;
}

export interface Handset extends Address {
  /** The one that this app runs on. */
  mine_now: boolean;
  last_test: { sent_at: string | null; seen_at: string | null } | null;
}

export interface Contact extends Address {
  channel: ContactChannel;
  address: string;
  verified_at: string | null;
}

export interface Ways {
  /** What this program's server can send besides pushes. */
  available: ContactChannel[];
  phones: Handset[];
  contacts: Contact[];
}

const instant = (value: unknown): string | null =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;

const isChannel = (value: unknown): value is ContactChannel => CONTACT_CHANNELS.some((each) => each === value);

function listOf<T>(value: unknown, read: (each: Record<string, unknown>, id: string) => T | null): T[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((each) => {
    const found = isRecord(each) && typeof each['id'] === 'string' ? read(each, each['id']) : null;
    return found === null ? [] : [found];
  });
}

const addressOf = (each: Record<string, unknown>, id: string): Address => ({
  id,
  last_ok_at: instant(each['last_ok_at']),
  disabled_at: instant(each['disabled_at']),
});

function handset(each: Record<string, unknown>, id: string): Handset {
  const test = each['last_test'];
  const last_test = isRecord(test) ? { sent_at: instant(test['sent_at']), seen_at: instant(test['seen_at']) } : null;
  return { ...addressOf(each, id), mine_now: each['mine_now'] === true, last_test };
}

function contact(each: Record<string, unknown>, id: string): Contact | null {
  const { channel, address } = each;
  if (!isChannel(channel) || typeof address !== 'string') return null;
  return { ...addressOf(each, id), channel, address, verified_at: instant(each['verified_at']) };
}

/** @throws TypeError for what is no answer of ours */
export function readWays(answer: unknown): Ways {
  if (!isRecord(answer) || !Array.isArray(answer['phones']) || !Array.isArray(answer['contacts'])) {
    throw new TypeError('The answer holds no ways.');
  }
  const available = Array.isArray(answer['available']) ? answer['available'].filter(isChannel) : [];
  return { available, phones: listOf(answer['phones'], handset), contacts: listOf(answer['contacts'], contact) };
}

/** failed: tried, and it is dead. waiting: nobody has typed its code yet, so nothing is sent there. */
export function standingOf({ verified_at, disabled_at }: Contact): 'proven' | 'waiting' | 'failed' {
  if (disabled_at !== null) return 'failed';
  return verified_at === null ? 'waiting' : 'proven';
}

/** Somebody with a silent phone and no second way is not reached: the screen asks for one. */
export const hasSecondWay = ({ contacts }: Ways): boolean => contacts.some((each) => standingOf(each) === 'proven');

/** What was known of each phone's last test before another one was asked for. */
export type Before = Readonly<Record<string, string | null>>;

export const before = ({ phones }: Ways): Before =>
  Object.fromEntries(phones.map(({ id, last_test }) => [id, last_test?.sent_at ?? null]));

/** shown: on this phone's screen. silent: it was sent, and nothing came back. none: not tested. */
export type Outcome = 'none' | 'waiting' | 'shown' | 'silent';

/**
 * What became of a test. `asked` is what stood before it; null when none was asked for here. While `patient`, a phone that
 * has said nothing may still answer.
 */
export function outcomeOf({ id, last_test }: Handset, asked: Before | null, patient: boolean): Outcome {
  const answered = last_test !== null && (asked === null || last_test.sent_at !== (asked[id] ?? null));
  if (!answered) return asked === null ? 'none' : patient ? 'waiting' : 'silent';
  if (last_test.seen_at !== null) return 'shown';
  return patient ? 'waiting' : 'silent';
}

/** Phones that may still answer: as long as there is one, asking again is worth it. */
export const anyWaiting = ({ phones }: Ways, asked: Before): boolean =>
  phones.some((each) => each.disabled_at === null && outcomeOf(each, asked, true) === 'waiting');

export type Refusal = 'offline' | 'invalid' | 'too_soon' | 'full' | 'server';

/** The server has looked at the code, and it is another one. */
export class WrongCode extends Error {
  override readonly name = 'WrongCode';
}

/** Why the server would not, in a word that the dictionaries know. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Unreachable) return 'offline';
  if (error instanceof WrongCode) return 'invalid';
  if (!(error instanceof Problem)) return 'server';
  if (error.status === 429) return 'too_soon';
  if (error.status === 409) return 'full';
  return error.status === 422 || error.status === 400 || error.status === 404 ? 'invalid' : 'server';
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askWays = async (): Promise<Ways> => readWays(await call('GET', '/api/channels'));

/** Adds a number or a mailbox, or sends the code to it again. */
export async function addWay(channel: ContactChannel, address: string): Promise<void> {
  await call('POST', '/api/channels', { channel, address, language: language.peek() });
}

/** @throws WrongCode, Unreachable, NotOurs, Problem */
export async function proveWay(id: string, code: string): Promise<void> {
  const answer = await call('POST', `/api/channels/${encodeURIComponent(id)}/verify`, { code });
  if (!isRecord(answer) || answer['proven'] !== true) throw new WrongCode('That is not the code.');
}

export async function removeWay(id: string): Promise<void> {
  await call('DELETE', `/api/channels/${encodeURIComponent(id)}`);
}

/** As people write numbers; the server wants them as machines do (E.164). A mailbox only loses the space around it. */
export function tidied(channel: ContactChannel, typed: string): string {
  const text = typed.trim();
  return channel === 'email' ? text : text.replace(/[\s().–-]/g, '').replace(/^00/, '+');
}
