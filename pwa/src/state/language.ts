/**
 * The language of the screens: `t` for a sentence, `tn` for a counted one.
 *
 * Answers for loading the dictionaries of the rooms in use, one language at a time, and for `<html lang>`. The
 * sentences are in `screens/messages/`, which declares its keys into `Messages`, so that a wrong key does not compile.
 */
import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';

export type Language = 'en' | 'es';
export type Dictionary = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, string | number>>;

/** Filled by `screens/messages/index.ts`. */
// oxlint-disable-next-line typescript/no-empty-interface, typescript/no-empty-object-type
export interface Messages {}

export type MessageKey = Extract<keyof Messages, string>;
/** Keys that have a form per plural category: `waiting` for `waiting_one` and `waiting_other`. */
export type PluralKey = MessageKey extends infer Key ? (Key extends `${infer Base}_other` ? Base : never) : never;

type Loaders = Readonly<Record<Language, () => Dictionary | Promise<Dictionary>>>;

export const isLanguage = (value: unknown): value is Language => value === 'en' || value === 'es';

/** The language of whoever has not chosen one. */
export const fromBrowser = (): Language => (/^es\b/i.test(globalThis.navigator?.language ?? '') ? 'es' : 'en');

const rooms = new Map<string, Loaders>();
const loaded = new Map<string, Dictionary>();
const shown = signal<{ language: Language; dictionary: Dictionary }>({ language: 'en', dictionary: {} });

/** The language asked for. Setting it is enough: the dictionaries follow when they have come. */
export const language: Signal<Language> = signal(fromBrowser());
/** The language on the screen now. */
export const shownLanguage: ReadonlySignal<Language> = computed(() => shown.value.language);

async function dictionaryOf(room: string, wanted: Language): Promise<Dictionary> {
  const name = `${room}.${wanted}`;
  const known = loaded.get(name);
  if (known) return known;
  const dictionary = await rooms.get(room)![wanted]();
  loaded.set(name, dictionary);
  return dictionary;
}

async function merged(wanted: Language): Promise<Dictionary> {
  const parts = await Promise.all([...rooms.keys()].map((room) => dictionaryOf(room, wanted)));
  return Object.assign({}, ...parts) as Dictionary;
}

async function show(wanted: Language): Promise<void> {
  await merged(wanted);
  if (language.peek() !== wanted) return;
  // What is loaded by now: another room may have come meanwhile, and its sentences must not vanish again.
  const dictionaries = [...rooms.keys()].map((room) => loaded.get(`${room}.${wanted}`) ?? {});
  shown.value = { language: wanted, dictionary: Object.assign({}, ...dictionaries) as Dictionary };
}

/** Adds a room's sentences in the present language; resolves when they can be shown. */
export async function addRoom(room: string, loaders: Loaders): Promise<void> {
  rooms.set(room, loaders);
  await show(language.peek());
}

/** Adds a room whose sentences are already in memory in one language, so that the first paint has words. */
export function addRoomNow(room: string, here: Language, dictionary: Dictionary, loaders: Loaders): void {
  rooms.set(room, loaders);
  loaded.set(`${room}.${here}`, dictionary);
  shown.value = { language: here, dictionary: { ...shown.peek().dictionary, ...dictionary } };
}

/** Keeps the screen and `<html lang>` in the language asked for. Call once. */
export function followLanguage(root: { lang: string }): void {
  effect(() => {
    const wanted = language.value;
    // A dictionary that cannot be fetched (first visit, network gone) leaves the former language on the screen.
    show(wanted).catch(() => undefined);
  });
  effect(() => {
    root.lang = shown.value.language;
  });
}

function fill(sentence: string, values: Values | undefined): string {
  if (!values) return sentence;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

function counted(dictionary: Dictionary, spoken: Language, key: string, n: number, values?: Values): string {
  const category = new Intl.PluralRules(spoken).select(n);
  const sentence = dictionary[`${key}_${category}`] ?? dictionary[`${key}_other`] ?? key;
  return fill(sentence, { n: new Intl.NumberFormat(spoken).format(n), ...values });
}

/** A sentence in the present language, its `{placeholders}` filled. */
export function t(key: MessageKey, values?: Values): string {
  return fill(shown.value.dictionary[key] ?? key, values);
}

/** A counted sentence; `{n}` is the number. */
export function tn(key: PluralKey, n: number, values?: Values): string {
  return counted(shown.value.dictionary, shown.value.language, key, n, values);
}

/** The same for a language that is not the screen's: a script or a consent shown to a participant. */
export async function speak(spoken: Language): Promise<(key: MessageKey, values?: Values) => string> {
  const dictionary = await merged(spoken);
  return (key, values) => fill(dictionary[key] ?? key, values);
}
