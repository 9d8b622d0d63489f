/**
 * The rota as this phone knows it: asked for while somebody looks, kept encrypted for when there is no connection.
 *
 * Answers for when to ask and what to remember, and for what is typed about the rota, which survives errors and reloads. Both lie with
 * the drafts, which the vault encrypts: names, numbers and hours are nobody else's.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { phoneTime } from '../../state/clock.ts';
import { connection } from '../../state/connection.ts';
import { discard, drafts, edit, newDraft } from '../../state/drafts.ts';
import { afterLock } from '../../state/phase.ts';
import { me } from '../../state/session.ts';
import type { Draft, DraftBody } from '../../state/types.ts';
import { askRota, type Rota } from './server.ts';
import { fallen, type Request } from './spans.ts';

const HOUR_MS = 3_600_000;
/** Asked for before now, because this phone's clock and the server's are never quite the same. */
const BEFORE_MS = HOUR_MS / 2;
/** Shifts that begin within four weeks are shown, */
export const SHOWN_MS = 28 * 24 * HOUR_MS;
/** and one that begins in the last of them is to have its end. */
const AHEAD_MS = 36 * 24 * HOUR_MS;
const ASK_AGAIN_MS = 30_000;
/** How often the same answer is stored again, only for its time. */
const STORE_AGAIN_MS = 5 * 60_000;
/** Forms in which something was typed and that were never sent: the oldest go. */
const FORMS_LIMIT = 20;

export interface Known {
  rota: Rota;
  /** The rota was asked for from here to there. */
  from_ms: number;
  until_ms: number;
  /** When the server told it, by this phone's clock. */
  told_ms: number;
  /** How far the server's clock is ahead of this phone's. */
  ahead_ms: number;
}

type KnownBody = DraftBody & { room: 'rota_known'; known: Known };
type Forms = Record<string, DraftBody>;
type FormsBody = DraftBody & { room: 'rota'; forms: Forms };

const told = signal<Known | null>(null);
const silent = signal(false);
const lost = signal<Request[]>([]);

afterLock(() => {
  told.value = null;
  lost.value = [];
});

const draftOf = <Body extends DraftBody>(all: readonly Draft[], room: string): Draft<Body> | undefined =>
  all.find(({ body }) => body['room'] === room) as Draft<Body> | undefined;

export const known: ReadonlySignal<Known | null> = computed(
  () => told.value ?? draftOf<KnownBody>(drafts.value, 'rota_known')?.body.known ?? null,
);
/** The last question was not answered. */
export const unanswered: ReadonlySignal<boolean> = silent;
/** Requests of one's own that nobody can agree to any more, as long as the app is open. */
export const fallenRequests: ReadonlySignal<Request[]> = lost;
/** The server's time, as far as this phone can know it: who is on call depends on no phone's clock. */
export const rotaNow: ReadonlySignal<number> = computed(() => phoneTime.value + (known.value?.ahead_ms ?? 0));
/** What is shown is what the server says now, and it can be told something. */
export const isFresh: ReadonlySignal<boolean> = computed(
  () => told.value !== null && !silent.value && connection.value === 'connected',
);

const withoutTime = ({ rota }: Known): string => JSON.stringify({ ...rota, server_time: '' });

function keepKnown(next: Known): void {
  const draft = draftOf<KnownBody>(drafts.peek(), 'rota_known');
  if (draft === undefined) newDraft<KnownBody>({ room: 'rota_known', known: next }, 'rota_known');
  else if (withoutTime(draft.body.known) !== withoutTime(next) || next.told_ms - draft.body.known.told_ms > STORE_AGAIN_MS) {
    edit(draft.draft_id, { known: next });
  }
}

const withdrawn = new Set<string>();

/** A request that this person took back is not one that somebody declined. */
export const tookBack = (id: string): void => void withdrawn.add(id);

/**
 * From a full hour on, so that the same rota gives the same answer. By the server's clock: where this phone's was far off, the question
 * is put once more.
 */
async function ask(ahead_ms: number, again: boolean): Promise<Known> {
  const sent_ms = Date.now();
  const from_ms = Math.floor((sent_ms + ahead_ms - BEFORE_MS) / HOUR_MS) * HOUR_MS;
  const until_ms = from_ms + AHEAD_MS;
  const rota = await askRota(from_ms, until_ms);
  const told_ms = Date.now();
  const ahead = Date.parse(rota.server_time) - Math.round((sent_ms + told_ms) / 2);
  if (again && Math.abs(ahead - ahead_ms) > BEFORE_MS / 2) return ask(ahead, false);
  return { rota, from_ms, until_ms, told_ms, ahead_ms: ahead };
}

let asked = 0;
let answered = 0;

/** Asks the server now. An answer that a later one has overtaken is not believed. */
export async function lookAgain(): Promise<void> {
  const who = me.peek()?.user_id;
  if (who === undefined) return;
  const turn = ++asked;
  const next = await ask(known.peek()?.ahead_ms ?? 0, true).catch(() => null);
  if (turn < answered || me.peek()?.user_id !== who) return;
  answered = turn;
  silent.value = next === null;
  if (next === null) return;
  const before = known.peek()?.rota.changes ?? [];
  const gone = fallen(before, next.rota.changes, who, Date.parse(next.rota.server_time)).filter(({ id }) => !withdrawn.has(id));
  if (gone.length > 0) lost.value = [...lost.peek(), ...gone];
  told.value = next;
  keepKnown(next);
}

/** The rota, asked for again while the screen that shows it is looked at. */
export function useRota(): Known | null {
  const connected = connection.value;
  useEffect(() => {
    const look = (): void => {
      if (document.visibilityState !== 'hidden') void lookAgain();
    };
    look();
    const timer = setInterval(look, ASK_AGAIN_MS);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, [connected]);
  return known.value;
}

export interface Form<Values extends DraftBody> {
  values: Values;
  set: (patch: Partial<Values>) => void;
  /** Sent, or not wanted any more. */
  drop: () => void;
}

const formsDraft = (all: readonly Draft[]): Draft<FormsBody> | undefined => draftOf<FormsBody>(all, 'rota');

function keepForms(forms: Forms): void {
  const draft = formsDraft(drafts.peek());
  const kept = Object.fromEntries(Object.entries(forms).slice(-FORMS_LIMIT));
  if (draft === undefined) newDraft<FormsBody>({ room: 'rota', forms: kept }, 'rota');
  else if (Object.keys(kept).length === 0) void discard(draft.draft_id);
  else edit(draft.draft_id, { forms: kept });
}

const formsNow = (): Forms => formsDraft(drafts.peek())?.body.forms ?? {};

/** What was typed under a name, on top of what the form begins with. */
export function useForm<Values extends DraftBody>(name: string, begins: Values): Form<Values> {
  const values = { ...begins, ...(formsDraft(drafts.value)?.body.forms[name] as Partial<Values> | undefined) };
  return {
    values,
    set: (patch) => {
      const { [name]: before, ...others } = formsNow();
      keepForms({ ...others, [name]: { ...begins, ...before, ...patch } });
    },
    drop: () => {
      const { [name]: _, ...others } = formsNow();
      keepForms(others);
    },
  };
}
