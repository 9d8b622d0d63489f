/**
 * Answering a page with the token of its notification: before unlocking, before signing in, without a connection.
 *
 * What stands here is what the server said. An answer that found no connection is kept on the phone and sent later, by
 * this page or by the service worker, whichever is there first; until then nobody is told that it is done.
 */
import { signal } from '@preact/signals';
import { acknowledge, reportSeen, type Acknowledged } from '../transport/acknowledge.ts';
import { listen } from '../transport/broadcast.ts';
import { sendWhenConnected } from '../transport/update.ts';
import { exchangeSoon } from './connection.ts';
import { phase } from './phase.ts';
import { database } from './phone.ts';
import type { Paged } from './router.ts';

export interface Standing {
  /** lost: neither sent nor kept, because this phone stores nothing. */
  step: 'asked' | 'sending' | 'lost' | Acknowledged;
  /** Who has it, if the server said. */
  by: string;
}

const ASKED: Standing = { step: 'asked', by: '' };
const standings = signal<Readonly<Record<string, Standing>>>({});

/** Where the answer to this page stands. */
export const standing = (page: string): Standing => standings.value[page] ?? ASKED;

function stands(page: string, now: Standing): void {
  standings.value = { ...standings.peek(), [page]: now };
}

/** What the lock screen still says of this page is no longer true. */
async function clearLockScreen(page: string): Promise<void> {
  const registration = await (navigator as Partial<Navigator>).serviceWorker?.getRegistration();
  for (const shown of (await registration?.getNotifications({ tag: page })) ?? []) shown.close();
}

/** "I have it". A second tap while the first is under way does nothing. */
export async function answer({ page, token }: Paged): Promise<void> {
  if (standing(page).step === 'sending') return;
  stands(page, { step: 'sending', by: '' });
  try {
    const { result, by } = await acknowledge(database, page, token);
    stands(page, { step: result, by });
    if (result === 'kept') return void sendWhenConnected();
    if (phase.peek() === 'open') exchangeSoon();
    await clearLockScreen(page);
  } catch {
    if (standing(page).step === 'sending') stands(page, { step: 'lost', by: '' });
  }
}

/** Says to the server that a person sees the page: where notifications open the app, the worker may never have run. */
export function lookAt({ page, token }: Paged): void {
  void reportSeen(page, token);
}

/** Follows answers that are sent later; until the returned function is called. */
export const followAnswers = (): (() => void) =>
  listen((news) => {
    if (news.type === 'acknowledged') stands(news.page, { step: news.result, by: news.by });
  });
