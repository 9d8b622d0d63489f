/**
 * Acknowledging a page from a lock screen, with the one-time token of its notification: no session, no vault.
 *
 * Without a connection it is kept on the phone and tried again; it is never said to be done before the server said so.
 */
import type { Database } from '../storage/database.ts';
import type { AcknowledgementRow } from '../storage/schema.ts';
import { tell } from './broadcast.ts';
import { call, isRecord, NotOurs, Problem, Unreachable } from './client.ts';

/** refused: the token is spent or unknown; open the app. kept: no connection, will be tried again. */
export type Acknowledged = 'acknowledged' | 'already' | 'refused' | 'kept';

export interface Answered {
  result: Acknowledged;
  /** Who has it, in the server's words; empty where it did not say. */
  by: string;
}

const SEEN_TIMEOUT_MS = 10_000;

const pathOf = (page: string, act: string): string => `/api/pages/${encodeURIComponent(page)}/${act}`;

async function attempt({ page, token }: AcknowledgementRow): Promise<Answered> {
  try {
    const answer = await call('POST', pathOf(page, 'acknowledge'), { token }, { keepalive: true });
    const { result, by } = isRecord(answer) ? answer : {};
    if (result !== 'acknowledged' && result !== 'already') return { result: 'kept', by: '' };
    return { result, by: typeof by === 'string' ? by : '' };
  } catch (error) {
    if (error instanceof Problem && error.status < 500 && error.status !== 429) return { result: 'refused', by: '' };
    if (error instanceof Problem || error instanceof NotOurs || error instanceof Unreachable) return { result: 'kept', by: '' };
    throw error;
  }
}

/** Acknowledges now; if that cannot be, keeps it for `retryAcknowledgements`. */
export async function acknowledge(database: Database, page: string, token: string): Promise<Answered> {
  const answered = await attempt({ page, token });
  if (answered.result === 'kept') {
    await database.write(['acknowledgements'], async (transaction) => {
      await transaction.objectStore('acknowledgements').put({ page, token });
    });
  }
  return answered;
}

/** Tries the kept ones again, and tells every page what became of each, the one that shows it included. */
export async function retryAcknowledgements(database: Database): Promise<({ page: string } & Answered)[]> {
  const rows = await database.read(['acknowledgements'], (transaction) =>
    transaction.objectStore('acknowledgements').getAll(),
  );
  const results: ({ page: string } & Answered)[] = [];
  for (const row of rows) {
    const answered = await attempt(row);
    results.push({ page: row.page, ...answered });
    if (answered.result === 'kept') continue;
    await database.write(['acknowledgements'], (transaction) =>
      transaction.objectStore('acknowledgements').delete(row.page),
    );
    tell({ type: 'acknowledged', page: row.page, ...answered });
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
