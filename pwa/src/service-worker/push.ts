/**
 * Pushes: always a notification, whatever arrived, and what a tap on one does.
 *
 * The payload names a page and a one-time token, no person. An acknowledgement from the lock screen is said to be done
 * only when the server said so; without a connection the notification says that it is not.
 */
import { readSetting } from '../storage/settings.ts';
import type { Database } from '../storage/database.ts';
import { acknowledge, reportSeen, type Acknowledged } from '../transport/acknowledge.ts';
import { isRecord } from '../transport/client.ts';
import { TEXTS, isText, type Language, type TextKey } from './texts.ts';
import { scope } from './worker.ts';

type PageKind = 'page' | 'repage' | 'taken' | 'acknowledged' | 'test';

interface Payload {
  kind: PageKind | 'unknown';
  text: TextKey;
  page: string | null;
  token: string | null;
}

/** `renotify` and `actions` are not in every browser's, nor in the language's, idea of a notification. */
interface FullOptions extends NotificationOptions {
  renotify?: boolean;
  actions?: { action: string; title: string }[];
}

const KINDS = new Set<unknown>(['page', 'repage', 'taken', 'acknowledged', 'test']);
const ACKNOWLEDGE = 'acknowledge';
const ICON = '/icon-192.png';

const UNKNOWN: Payload = { kind: 'unknown', text: 'unknown', page: null, token: null };
const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** Anything at all may arrive; what is not a payload of ours still becomes a notification. */
export function readPayload(data: PushMessageData | null): Payload {
  let value: unknown;
  try {
    value = data?.json();
  } catch {
    return UNKNOWN;
  }
  if (!isRecord(value) || !KINDS.has(value['kind'])) return UNKNOWN;
  const text = isText(value['text']) ? value['text'] : 'unknown';
  return { kind: value['kind'] as PageKind, text, page: textOrNull(value['page']), token: textOrNull(value['token']) };
}

/** As set in the app; before that, as the browser is. */
export async function languageOf(database: Database): Promise<Language> {
  const chosen = await readSetting(database, 'language').catch(() => undefined);
  if (chosen === 'en' || chosen === 'es') return chosen;
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en';
}

function optionsFor({ kind, page, token }: Payload, language: Language): FullOptions {
  const texts = TEXTS[language];
  const calls = kind === 'page' || kind === 'repage' || kind === 'unknown';
  const options: FullOptions = {
    body: texts.open,
    lang: language,
    icon: ICON,
    badge: ICON,
    // One notification per page: what comes later takes the place of what came before.
    tag: page ?? kind,
    renotify: calls,
    requireInteraction: calls,
    data: { page, token },
  };
  if ((kind === 'page' || kind === 'repage') && page !== null && token !== null) {
    options.actions = [{ action: ACKNOWLEDGE, title: texts.have_it }];
  }
  return options;
}

/** Shows the notification, and then tells the server that it was shown. */
export async function notify(database: Database, data: PushMessageData | null): Promise<void> {
  const payload = readPayload(data);
  const language = await languageOf(database);
  await scope.registration.showNotification(TEXTS[language][payload.text], optionsFor(payload, language));
  if (payload.page !== null && payload.token !== null) await reportSeen(payload.page, payload.token);
}

/** Says what became of an acknowledgement, in place of the notification it came from. */
export async function tellResult(database: Database, page: string, result: Acknowledged, token: string | null): Promise<void> {
  const language = await languageOf(database);
  const texts = TEXTS[language];
  await scope.registration.showNotification(texts[result], {
    body: result === 'kept' ? texts.kept_body : texts.open,
    lang: language,
    icon: ICON,
    badge: ICON,
    tag: page,
    requireInteraction: result === 'kept' || result === 'refused',
    data: { page, token },
  });
}

async function openApp(): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const shown = windows[0];
  // The home screen, because a page's referral is known only behind the lock. The unanswered come first there.
  if (shown === undefined) await scope.clients.openWindow('/#/');
  else await shown.focus();
}

/** Returns true if an acknowledgement was kept for later, and so needs a connection to be waited for. */
export async function clicked(database: Database, event: NotificationEvent): Promise<boolean> {
  event.notification.close();
  const data: unknown = event.notification.data;
  const page = isRecord(data) ? textOrNull(data['page']) : null;
  const token = isRecord(data) ? textOrNull(data['token']) : null;
  if (event.action !== ACKNOWLEDGE || page === null || token === null) {
    await openApp();
    return false;
  }
  const result = await acknowledge(database, page, token);
  await tellResult(database, page, result, token);
  return result === 'kept';
}
