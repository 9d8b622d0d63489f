/**
 * What a prosecutor may be told now: asked of the server each time, kept nowhere but on the screen that shows it.
 *
 * Reads answers with suspicion: an answer without the notice of 42 CFR 2.32 is no answer.
 */
import { call, isRecord } from '../../transport/client.ts';
import type { DisclosedReferral as Disclosed } from '../../transport/schema.d.ts';

export type { Disclosed };

/** By referral, with the notice that goes with them. */
export interface Told {
  notice: string;
  referrals: ReadonlyMap<string, Disclosed>;
}

/** More arrests than these many answers hold are not asked about on one screen. */
const ANSWERS_LIMIT = 20;

interface Part {
  notice: string;
  referrals: Disclosed[];
  before: number | null;
}

const isDisclosed = (each: unknown): each is Disclosed =>
  isRecord(each) && typeof each['id'] === 'string' && isRecord(each['facts']) && Array.isArray(each['scope']);

export function readPart(answer: unknown): Part {
  if (!isRecord(answer) || typeof answer['notice'] !== 'string' || answer['notice'] === '' || !Array.isArray(answer['referrals'])) {
    throw new TypeError('The answer holds no notice or no referrals.');
  }
  const { notice, referrals, before } = answer;
  return { notice: String(notice), referrals: referrals.filter(isDisclosed), before: typeof before === 'number' ? before : null };
}

type Ask = (path: string) => Promise<unknown>;
const overHttp: Ask = (path) => call('GET', path);

/** @throws Unreachable, NotOurs, Problem, TypeError */
export async function askDisclosed(ask: Ask = overHttp): Promise<Told> {
  const referrals = new Map<string, Disclosed>();
  let before: number | null = null;
  let notice = '';
  for (let count = 0; count < ANSWERS_LIMIT; count += 1) {
    const path: string = before === null ? '/api/prosecution/referrals' : `/api/prosecution/referrals?before=${before}`;
    const part = readPart(await ask(path));
    notice = part.notice;
    for (const each of part.referrals) referrals.set(each.id, each);
    before = part.before;
    if (before === null) break;
  }
  return { notice, referrals };
}
