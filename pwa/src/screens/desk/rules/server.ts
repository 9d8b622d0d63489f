/**
 * What the server tells of a program's rules, and what an administrator asks of it.
 *
 * Reads answers with suspicion and keeps nothing. What a hash names is fetched by `coordinator/pack`.
 */
import { call, isRecord, NotOurs, Problem } from '../../../transport/client.ts';
import type { PackCheck, PackEntry, PackList } from '../../../transport/schema.d.ts';

export type { PackCheck, PackEntry, PackList };

/** @throws Unreachable, NotOurs, Problem */
export async function askVersions(): Promise<PackList> {
  const answer = await call('GET', '/api/rules');
  if (!isRecord(answer) || !Array.isArray(answer['packs'])) throw new NotOurs(200);
  return answer as unknown as PackList;
}

/** Whether a text could be installed now. Nothing is written. @throws Unreachable, NotOurs, Problem */
export async function checkText(text: string): Promise<PackCheck> {
  const answer = await call('POST', '/api/rules/check', { text });
  if (!isRecord(answer) || !Array.isArray(answer['problems']) || !Array.isArray(answer['changes'])) throw new NotOurs(200);
  return answer as unknown as PackCheck;
}

/** @throws Unreachable, NotOurs, Problem; nothing has changed then, or it cannot be known */
export const install = async (text: string): Promise<void> => void (await call('POST', '/api/rules', { text }));

/** @throws Unreachable, NotOurs, Problem */
export const withdraw = async (hash: string, reason: string): Promise<void> =>
  void (await call('POST', `/api/rules/${hash}/withdraw`, { reason }));

/** The server's own words for a refusal; null where it did not answer. */
export const refusalOf = (error: unknown): string | null => (error instanceof Problem ? error.detail : null);

/** A key of the pack itself, where the text writes it plainly: for showing before it is installed. */
export const statedIn = (text: string, key: 'version' | 'effective_from'): string | undefined =>
  new RegExp(`^${key}:\\s*["']?([0-9]{4}-[0-9]{2}-[0-9]{2})`, 'm').exec(text)?.[1];
