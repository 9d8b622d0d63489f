/** Where the person is: a hash of plain words and ids, never a name, so that nothing personal reaches a history list. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';

export interface Route {
  name: string;
  params: string[];
}

/** A page to be answered, as its notification names it: the one-time token is the right to answer, without signing in. */
export interface Paged {
  page: string;
  token: string;
  /** Which of the constant sentences the notification said. */
  text: string;
}

const pagedNow = signal<Paged | null>(null);
/** The page that `#/answer` is about; null after a reload, because a token is never kept in an address. */
export const paged: ReadonlySignal<Paged | null> = pagedNow;

/** The token of the invitation that `#/join` is about; null where a code is typed, and once it is used. */
export const invitation: Signal<string | null> = signal(null);

const hash = signal(readHash());

/** The address; a token in it is taken out at once, before it can stay in a history list. */
function readHash(): string {
  const text = globalThis.location?.hash ?? '';
  const [, name, first, token, said = ''] = text.split('/');
  if (name === 'answer' && first && token) pagedNow.value = { page: first, token, text: said };
  else if (name === 'join' && first) invitation.value = first;
  else return text;
  const clean = `#/${name}`;
  globalThis.history.replaceState(globalThis.history.state, '', clean);
  return clean;
}

function readAgain(): void {
  hash.value = readHash();
}

function parse(text: string): Route {
  const [name = '', ...params] = text
    .replace(/^#?\/?/, '')
    .split('/')
    .map((part) => decodeURIComponent(part));
  return { name, params };
}

/** How many steps of the history belong to the app; kept in the history itself, so that a reload does not lose it. */
function depth(): number {
  return markedDepth() ?? 0;
}

function markedDepth(): number | null {
  const state: unknown = globalThis.history?.state ?? null;
  return typeof state === 'object' && state !== null && 'depth' in state ? Number(state.depth) : null;
}

/** The depth of the step that was last arrived at. */
let stood = 0;

/** The browser went by itself: a step back or forward, or a link was followed, which leaves no depth of its own. */
function arrive(): void {
  if (markedDepth() === null) globalThis.history?.replaceState({ depth: stood + 1 }, '');
  stood = depth();
  readAgain();
}

/** `#/draft/<id>/<step>` is `{name: 'draft', params: [id, step]}`; the home screen has the empty name. */
export const route: ReadonlySignal<Route> = computed(() => parse(hash.value));

/** Goes to a path such as `/referral/<id>`. */
export function go(path: string): void {
  if (`#${path}` === readHash()) return;
  globalThis.history.pushState({ depth: depth() + 1 }, '', `#${path}`);
  stood = depth();
  readAgain();
}

/** Goes to a path without leaving the present one in the history. */
export function goInstead(path: string): void {
  globalThis.history.replaceState({ depth: depth() }, '', `#${path}`);
  readAgain();
}

/** One step back within the app; home where there is none, so that Back never leaves the app by surprise. */
export function back(): void {
  if (depth() > 0) globalThis.history.back();
  else goInstead('/');
}

if (markedDepth() === null) globalThis.history?.replaceState({ depth: 0 }, '');
stood = depth();
globalThis.addEventListener?.('popstate', arrive);
globalThis.addEventListener?.('hashchange', arrive);
