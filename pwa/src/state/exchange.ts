/**
 * When to exchange with the server, and what its answers mean for the person.
 *
 * Sending needs no key and goes on while the phone is locked; fetching needs the vault open and the session alive.
 * Starts: at the beginning, when the network or the person comes back, after a submission, on the worker's news, and on
 * a timer that is as quick as somebody is waiting.
 */
import { effect, signal } from '@preact/signals';
import { listDevices } from '../storage/devices.ts';
import { countOutbox } from '../storage/outbox.ts';
import { retryAcknowledgements } from '../transport/acknowledge.ts';
import { listen, type News } from '../transport/broadcast.ts';
import { flushAll, type FlushResult } from '../transport/flush.ts';
import { sendOpenings } from '../transport/openings.ts';
import { pull, type PullResult } from '../transport/pull.ts';
import { sendWhenConnected } from '../transport/update.ts';
import { fetchBootstrap, fetchProgram } from './program.ts';
import { resumeSession } from './renewal.ts';
import { appVersion } from './app.ts';
import { present } from './clock.ts';
import { line } from './connection.ts';
import { reloadDrafts, THIS_TAB } from './drafts.ts';
import { me, phase, signedIn, write } from './phase.ts';
import { database, vault } from './phone.ts';
import { records, reloadRecords } from './records.ts';
import { readOfficers } from './enrolments.ts';
import { lock } from './session.ts';
import { forgetPin } from './tries.ts';
import type { Role } from './types.ts';

const IDLE_MS = 60_000;
const WAITING_MS = 15_000;
const WATCHING_MS = 5_000;
const SOONEST_MS = 1_000;
/** So old may the program's document become while there is contact; after a time without any it is fetched at once. */
const PROGRAM_MS = 5 * 60_000;
const WATCHERS = new Set<Role>(['coordinator', 'case_manager', 'supervisor', 'sergeant', 'prosecutor']);

const pageOpen = signal(false);
/** When sending may achieve more than now: mostly sooner than the timer's own next time. */
const retryAt = signal<number | null>(null);

async function recount(): Promise<void> {
  const rows = await listDevices(database);
  const counts = await Promise.all(rows.map(({ device_id }) => countOutbox(database, device_id)));
  line.waiting.value = counts.reduce((sum, each) => sum + each.waiting, 0);
}

async function reload(): Promise<void> {
  if (vault() === null && phase.peek() !== 'write_only') return;
  await reloadRecords();
  pageOpen.value = records.peek().some(({ word }) => word === 'received' || word === 'nobody');
}

interface Wish {
  /** A person or an event asked: do not wait for the back-off, and speak to the server even with nothing to send. */
  force: boolean;
}

/**
 * What the outcomes of one exchange say about the connection; null where they say nothing. Pure, for tests.
 * "empty" and "later" may have been said without asking the server, so they count only after a greeting.
 */
export function judge(
  flushed: readonly Pick<FlushResult, 'outcome' | 'sent'>[],
  pulled: Pick<PullResult, 'outcome'> | null,
  greeted: boolean,
): { reached: boolean | null; refused: boolean | null } {
  const outcomes = [...flushed.map(({ outcome }) => outcome), ...(pulled ? [pulled.outcome] : [])];
  if (outcomes.includes('sign_in')) return { reached: true, refused: true };
  if (outcomes.includes('offline')) return { reached: false, refused: null };
  const pullAnswered = pulled?.outcome === 'current' || pulled?.outcome === 'later';
  const pushAnswered = flushed.some(
    ({ outcome, sent }) => sent > 0 || (greeted && (outcome === 'empty' || outcome === 'waiting')),
  );
  return { reached: pullAnswered || pushAnswered ? true : null, refused: pullAnswered ? false : null };
}

/** The first moment from which a device with something waiting may send again; null where none has to be patient. */
export function earliestRetry(flushed: readonly Pick<FlushResult, 'waiting' | 'retry_at'>[]): number | null {
  const times = flushed.flatMap(({ waiting, retry_at }) => (waiting > 0 && retry_at !== null ? [retry_at] : []));
  return times.length === 0 ? null : Math.min(...times);
}

/** How long to wait: as usual, or less where sending may be tried again before. */
export const untilNext = (usual_ms: number, retry_at: number | null, now_ms: number): number =>
  retry_at === null ? usual_ms : Math.min(usual_ms, Math.max(SOONEST_MS, retry_at - now_ms));

/** The server has been reached after it was not, or for the first time: what changed meanwhile is fetched now. */
export const metAgain = (before: boolean | null, reached: boolean | null): boolean => reached === true && before !== true;

let fetchedProgramAt = 0;

async function refreshProgram(force: boolean): Promise<void> {
  // Either way: a clock that was put right may stand years before the last time.
  if (!force && Math.abs(Date.now() - fetchedProgramAt) < PROGRAM_MS) return;
  await fetchProgram().then(
    () => {
      fetchedProgramAt = Date.now();
    },
    () => undefined,
  );
}

/** An answer from the lock screen that found no connection: tried again, and "not yet acknowledged" goes once that is untrue. */
async function settleAcknowledgements(): Promise<void> {
  const settled = (await retryAcknowledgements(database)).filter(({ result }) => result !== 'kept');
  if (settled.length === 0) return;
  const registration = await navigator.serviceWorker?.getRegistration();
  for (const { page } of settled) for (const shown of (await registration?.getNotifications({ tag: page })) ?? []) shown.close();
}

async function exchange({ force }: Wish): Promise<void> {
  retryAt.value = null;
  const before = line.reached.peek();
  await recount();
  if (!navigator.onLine && !force) {
    line.reached.value = false;
    return;
  }
  // Without an open vault there is nothing to fetch: a greeting tells whether the server is there, and of a revocation.
  const open = vault();
  const greeting = open === null || !signedIn.peek();
  const flushed = await flushAll(database, { app: appVersion, force, greet: greeting });
  retryAt.value = earliestRetry(flushed);
  await settleAcknowledgements();
  if (open !== null && greeting && !flushed.some(({ outcome }) => outcome === 'offline')) await resumeSession();
  const fetching = open !== null && signedIn.peek();
  let pulled = fetching ? await pull(database, open) : null;
  if (pulled && pulled.requeued > 0) {
    await flushAll(database, { app: appVersion, force: true });
    pulled = await pull(database, open!);
  }
  // The session has ended. Where that is because this phone was removed, only a greeting is told so: at this contact, not the next.
  if (pulled?.outcome === 'sign_in') await flushAll(database, { app: appVersion, force: true, greet: true });
  // Another officer's enrolment may need a sign-in that is not this person's to give.
  const own = me.peek()?.device_id;
  const mine = flushed.map((each) =>
    each.outcome === 'sign_in' && own !== undefined && each.device_id !== own ? { outcome: 'waiting' as const, sent: each.sent } : each,
  );
  const verdict = judge(mine, pulled, greeting);
  if (flushed.length === 0) verdict.reached = await greet();
  if (verdict.reached !== null) line.reached.value = verdict.reached;
  if (verdict.refused !== null) write.refused.value = verdict.refused;
  if (pulled?.outcome === 'sign_in') write.signedIn.value = false;
  if (verdict.reached) line.syncedAt.value = present();
  const needed = metAgain(before, verdict.reached) || flushed.some((each) => each.sealing_key_unknown);
  if (pulled?.outcome === 'current') await refreshProgram(needed);
  if (pulled?.outcome === 'current' && own !== undefined) await sendOpenings(database, own);
}

/** Nobody is enrolled yet: the public greeting says whether the server is there. */
async function greet(): Promise<boolean> {
  return fetchBootstrap().then(
    () => true,
    () => false,
  );
}

let running: Promise<void> | null = null;
let next: Wish | null = null;

/** One exchange at a time; a wish that comes during one is granted after it. */
export async function run(wish: Wish): Promise<void> {
  if (running) {
    next = { force: wish.force || next?.force === true };
    return running;
  }
  running = exchange(wish)
    // Code that did not arrive, or storage that failed: the next attempt may do better, and nothing is lost.
    .catch(() => {
      line.reached.value = false;
    })
    .finally(() => {
      running = null;
    });
  await running;
  const then = next;
  next = null;
  if (then) await run(then);
}

/** After a submission: send now, and have the browser send later if that fails. */
export function soon(): void {
  void recount();
  void sendWhenConnected();
  void run({ force: true });
}

/** Another tab or the worker got an answer: that counts for this page, too. */
function heardAnswer(): void {
  line.reached.value = true;
  line.syncedAt.value = present();
}

async function hear(news: News): Promise<void> {
  if (news.type === 'flushed' && news.result.sent > 0) heardAnswer();
  if (news.type === 'drafts' && news.by !== THIS_TAB) await reloadDrafts();
  if (news.type === 'pulled' && news.result.outcome === 'current') heardAnswer();
  if (news.type === 'sending') line.sending.value = news.op_ids.length > 0;
  if (news.type === 'outbox' || news.type === 'flushed') {
    line.sending.value = false;
    await recount();
    if (news.type === 'outbox' || news.result.sent > 0) await reload();
  }
  if (news.type === 'drafts' && news.by !== THIS_TAB) await reloadDrafts();
  if (news.type === 'pulled' && news.result.items > 0) await reload();
  if (news.type === 'wiped' && news.device_id === me.peek()?.device_id) {
    await lock();
    forgetPin();
    await readOfficers();
  }
}

function pause(): number {
  const watches = document.visibilityState === 'visible' && phase.value === 'open' && WATCHERS.has(me.value?.role ?? 'officer');
  const usual = watches ? WATCHING_MS : line.waiting.value > 0 || pageOpen.value ? WAITING_MS : IDLE_MS;
  return untilNext(usual, retryAt.value, Date.now());
}

/** Begins to exchange. Call once. */
export function startConnection(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void run({ force: false }).then(schedule), pause());
  };
  const nudge = (): void => void run({ force: true }).then(schedule);
  listen((news) => void hear(news));
  globalThis.addEventListener('online', nudge);
  globalThis.addEventListener('offline', () => {
    line.reached.value = false;
  });
  globalThis.addEventListener('pageshow', (event) => (event as PageTransitionEvent).persisted && nudge());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && nudge());
  // A shorter wait takes effect at once.
  effect(schedule);
  effect(() => {
    if (line.waiting.value > 0) void sendWhenConnected();
  });
  nudge();
}
