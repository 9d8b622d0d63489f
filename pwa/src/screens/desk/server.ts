/**
 * What only the server can tell a desk: what is wrong right now, and the history of a referral.
 *
 * Reads answers with suspicion and keeps nothing. The rows of the queue come by pull, like everyone's.
 */
import { call, isRecord } from '../../transport/client.ts';
import type { HistoryItem } from './history.ts';

export interface Wrong {
  code: string;
  values: Record<string, number>;
}

export interface Figures {
  sentences: Wrong[];
  on_call: string[];
}

const texts = (value: unknown): string[] => {
  if (!Array.isArray(value)) return [];
  // Names, or people with a name.
  return value.flatMap((each) => (typeof each === 'string' ? [each] : isRecord(each) && typeof each['name'] === 'string' ? [each['name']] : []));
};

function numbers(value: unknown): Record<string, number> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

export function readFigures(answer: unknown): Figures {
  if (!isRecord(answer) || !Array.isArray(answer['sentences'])) throw new TypeError('The answer holds no sentences.');
  const sentences = answer['sentences'].flatMap((each) =>
    isRecord(each) && typeof each['code'] === 'string' ? [{ code: each['code'], values: numbers(each['values']) }] : [],
  );
  return { sentences, on_call: texts(answer['on_call']) };
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askFigures = async (): Promise<Figures> => readFigures(await call('GET', '/api/queue'));

function readItem(each: unknown): HistoryItem[] {
  if (!isRecord(each)) return [];
  const { op_id, kind, by, at, received_at, groups } = each;
  if (typeof op_id !== 'string' || typeof kind !== 'string' || typeof at !== 'string' || typeof received_at !== 'string') return [];
  const known = isRecord(by) && typeof by['name'] === 'string' ? { name: by['name'], role: String(by['role']) } : null;
  return [{ op_id, kind, by: known, at, received_at, groups: texts(groups) }];
}

export function readHistory(answer: unknown): HistoryItem[] {
  if (!Array.isArray(answer)) throw new TypeError('The answer is no list.');
  return answer.flatMap(readItem);
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askHistory = async (referral_id: string): Promise<HistoryItem[]> =>
  readHistory(await call('GET', `/api/referrals/${referral_id}/history`));
