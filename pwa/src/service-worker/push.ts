/**
 * Pushes: always a notification, whatever arrived, and what a tap on one does.
 *
 * Never only closing one, and never silence because somebody seems to look: three pushes without a notification, and
 * Apple's phones end the subscription without a word. An acknowledgement from the lock screen is said to be done only
 * when the server said so; without a connection the notification says that it is not.
 */
import { readSetting } from '../storage/settings.ts';
import type { Database } from '../storage/database.ts';
import { acknowledge, reportSeen, type Acknowledged } from '../transport/acknowledge.ts';
import { isRecord } from '../transport/client.ts';
import { readPayload, tapped, type Payload, type PushNews, type Tapped } from './payload.ts';
import { TEXTS, type Language } from './texts.ts';
import { scope } from './worker.ts';

/** What not every browser's, nor the language's, idea of a notification knows. `navigate`: where Safari's tap leads. */
interface FullOptions extends NotificationOptions {
  renotify?: boolean;
  actions?: { action: string; title: string }[];
  navigate?: string;
}

const ACKNOWLEDGE = 'acknowledge';
const ICON = '/icon-192.png';
/** These must wake somebody; the rest may take the place of what stands there without a sound. */
const RINGING = new Set(['page', 'repage', 'acknowledged', 'test', 'unknown']);
const CALLING = new Set(['page', 'repage']);
/** Longer than storage needs when it is well; a notification waits for no storage that is not. */
const LANGUAGE_WITHIN_MS = 1_000;

const nothingAfter = (wait_ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(resolve, wait_ms);
  });

/** As set in the app; before that, as the browser is. */
export async function languageOf(database: Database): Promise<Language> {
  const reading = readSetting(database, 'language').catch(() => undefined);
  const chosen = await Promise.race([reading, nothingAfter(LANGUAGE_WITHIN_MS)]);
  if (chosen === 'en' || chosen === 'es') return chosen;
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en';
}

const fill = (sentence: string, values: Record<string, string | number>): string =>
  sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));

/** The two sentences. A name is said only where the server gave one. */
function words({ text, by, eta_minutes }: Payload, language: Language): { title: string; body: string } {
  const texts = TEXTS[language];
  const named = text === 'taken' || text === 'seen' ? (`${text}_by` as const) : text;
  const plain = text === 'taken_by' ? 'taken' : text === 'seen_by' ? 'seen' : text;
  const title = by === '' ? texts[plain] : fill(texts[named], { by });
  return { title, body: eta_minutes === null ? texts.open : fill(texts.arriving, { n: eta_minutes }) };
}

const addressOf = ({ page, token, text }: Tapped): string => `/#/answer/${page}/${token}/${text}`;

function optionsFor(payload: Payload, language: Language): FullOptions {
  const { kind, text, page, token } = payload;
  const answerable = CALLING.has(kind) && page !== null && token !== null ? { page, token, text } : null;
  return {
    body: words(payload, language).body,
    lang: language,
    icon: ICON,
    badge: ICON,
    // One notification per page: what comes later takes the place of what came before.
    tag: payload.tag,
    renotify: RINGING.has(kind),
    requireInteraction: CALLING.has(kind) || kind === 'unknown',
    data: answerable ?? { page },
    ...(answerable && {
      actions: [{ action: ACKNOWLEDGE, title: TEXTS[language].have_it }],
      navigate: scope.location.origin + addressOf(answerable),
    }),
  };
}

/** Shows the notification, and then tells the server that it was shown. */
export async function notify(database: Database, news: PushNews): Promise<void> {
  const payload = readPayload(news);
  const language = await languageOf(database);
  await scope.registration.showNotification(words(payload, language).title, optionsFor(payload, language));
  if (payload.page !== null && payload.token !== null) await reportSeen(payload.page, payload.token);
}

/** Says what became of an acknowledgement, in place of the notification it came from. */
export async function tellResult(database: Database, page: string, result: Acknowledged, asked: Tapped | null): Promise<void> {
  const language = await languageOf(database);
  const texts = TEXTS[language];
  await scope.registration.showNotification(texts[result], {
    body: result === 'kept' ? texts.kept_body : texts.open,
    lang: language,
    icon: ICON,
    badge: ICON,
    tag: page,
    requireInteraction: result === 'kept' || result === 'refused',
    data: result === 'kept' && asked !== null ? asked : { page },
  });
}

/** Opens the app where the page can be answered, also while it is locked; a page that nobody can answer, at its home. */
async function openApp(asked: Tapped | null): Promise<void> {
  const windows = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const shown = windows[0];
  if (shown === undefined) {
    await scope.clients.openWindow(asked === null ? '/#/' : addressOf(asked));
    return;
  }
  // Told and not sent there: going to an address could load the app anew, and lock what is open.
  if (asked !== null) shown.postMessage(asked);
  await shown.focus();
}

/** Returns true if an acknowledgement was kept for later, and so needs a connection to be waited for. */
export async function clicked(database: Database, event: NotificationEvent): Promise<boolean> {
  event.notification.close();
  const asked = isRecord(event.notification.data) ? tapped(event.notification.data) : null;
  if (event.action !== ACKNOWLEDGE || asked === null) {
    await openApp(asked);
    return false;
  }
  const { result } = await acknowledge(database, asked.page, asked.token);
  await tellResult(database, asked.page, result, asked);
  return result === 'kept';
}
