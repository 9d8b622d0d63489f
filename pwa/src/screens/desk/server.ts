/**
 * What only the server can tell a desk: what is wrong right now, and the history of a referral.
 *
 * Reads answers with suspicion and keeps nothing. The rows of the queue come by pull, like everyone's.
 */
import { call, isRecord } from '../../transport/client.ts';
import type { HistoryItem } from './history.ts';

export interface Wrong {
  code: string;
  values: Record<string, number | string>;
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

const isPlain = (entry: [string, unknown]): entry is [string, number | string] => ['number', 'string'].includes(typeof entry[1]);

const plain = (value: unknown): Record<string, number | string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).filter(isPlain)) : {};

export function readWrong(answer: unknown): Wrong[] {
  if (!isRecord(answer) || !Array.isArray(answer['sentences'])) throw new TypeError('The answer holds no sentences.');
  return answer['sentences'].flatMap((each) =>
    isRecord(each) && typeof each['code'] === 'string' ? [{ code: each['code'], values: plain(each['values']) }] : [],
  );
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askWhatIsWrong = async (): Promise<Wrong[]> => readWrong(await call('GET', '/api/queue'));

function readItem(each: unknown): HistoryItem[] {
  if (!isRecord(each)) return [];
  const { op_id, kind, by, at, received_at, off_ms, groups } = each;
  if (typeof op_id !== 'string' || typeof kind !== 'string' || typeof at !== 'string' || typeof received_at !== 'string') return [];
  // The server's own operations have an author without a name.
  const named = isRecord(by) && typeof by['name'] === 'string' && by['name'] !== '';
  const known = named ? { name: String(by['name']), role: String(by['role']) } : null;
  return [{ op_id, kind, by: known, at, received_at, off_ms: typeof off_ms === 'number' ? off_ms : null, groups: texts(groups) }];
}

export function readHistory(answer: unknown): HistoryItem[] {
  if (!Array.isArray(answer)) throw new TypeError('The answer is no list.');
  return answer.flatMap(readItem);
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askHistory = async (referral_id: string): Promise<HistoryItem[]> =>
  readHistory(await call('GET', `/api/referrals/${referral_id}/history`));
