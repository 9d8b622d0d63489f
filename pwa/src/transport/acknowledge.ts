/**
 * Acknowledging a page from a lock screen, with the one-time token of its notification: no session, no vault.
 *
 * Without a connection it is kept on the phone and tried again; it is never said to be done before the server said so.
 */
import type { Database } from '../storage/database.ts';
import type { AcknowledgementRow } from '../storage/schema.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from './client.ts';

/** refused: the token is spent or unknown; open the app. kept: no connection, will be tried again. */
export type Acknowledged = 'acknowledged' | 'already' | 'refused' | 'kept';

const SEEN_TIMEOUT_MS = 10_000;

const pathOf = (page: string, act: string): string => `/api/pages/${encodeURIComponent(page)}/${act}`;

async function attempt({ page, token }: AcknowledgementRow): Promise<Acknowledged> {
  try {
    const answer = await call('POST', pathOf(page, 'acknowledge'), { token }, { keepalive: true });
    const result = isRecord(answer) ? answer['result'] : null;
    return result === 'acknowledged' || result === 'already' ? result : 'kept';
  } catch (error) {
    if (error instanceof Problem && error.status < 500 && error.status !== 429) return 'refused';
    if (error instanceof Problem || error instanceof NotOurs || error instanceof Unreachable) return 'kept';
    throw error;
  }
}

/** Acknowledges now; if that cannot be, keeps it for `retryAcknowledgements`. */
export async function acknowledge(database: Database, page: string, token: string): Promise<Acknowledged> {
  const result = await attempt({ page, token });
  if (result === 'kept') {
    await database.write(['acknowledgements'], async (transaction) => {
      await transaction.objectStore('acknowledgements').put({ page, token });
    });
  }
  return result;
}

/** Tries the kept ones again. Returns what became of each. */
export async function retryAcknowledgements(database: Database): Promise<{ page: string; result: Acknowledged }[]> {
  const rows = await database.read(['acknowledgements'], (transaction) =>
    transaction.objectStore('acknowledgements').getAll(),
  );
  const results: { page: string; result: Acknowledged }[] = [];
  for (const row of rows) {
    const result = await attempt(row);
    results.push({ page: row.page, result });
    if (result === 'kept') continue;
    await database.write(['acknowledgements'], (transaction) =>
      transaction.objectStore('acknowledgements').delete(row.page),
    );
  }
  return results;
}

/** Tells the server that the notification was shown. Nothing depends on it. */
export async function reportSeen(page: string, token: string): Promise<void> {
  try {
    await call('POST', pathOf(page, 'seen'), { token }, { timeout_ms: SEEN_TIMEOUT_MS, keepalive: true });
  } catch {
    // The server sends by another way when it hears nothing.
  }
}
