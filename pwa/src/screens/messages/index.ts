/**
 * The rooms' dictionaries: which sentences exist (for the compiler) and how to fetch them (for the phone).
 *
 * Every room has `<room>.en.ts` with `export const en` and `<room>.es.ts` with `export const es: Record<keyof typeof en,
 * string>`. No key appears in two rooms. Only the shell's English is part of the first screen.
 */
import { addRoom, addRoomNow } from '../../state/language.ts';
import { en as shell } from './shell.en.ts';
import type { en as coordinator } from './coordinator.en.ts';
import type { en as desk } from './desk.en.ts';
import type { en as lock } from './lock.en.ts';
import type { en as officer } from './officer.en.ts';
import type { en as parts } from './parts.en.ts';
import type { en as settings } from './settings.en.ts';
import type { en as staff } from './staff.en.ts';
import type { en as staffRules } from './staff_rules.en.ts';

type All = typeof shell &
  typeof lock &
  typeof parts &
  typeof settings &
  typeof officer &
  typeof coordinator &
  typeof desk &
  typeof staff &
  typeof staffRules;

declare module '../../state/language.ts' {
  interface Messages extends All {}
}

const rooms = {
  lock: {
    en: async () => (await import('./common_en.ts')).lock,
    es: async () => (await import('./common_es.ts')).lock,
  },
  parts: {
    en: async () => (await import('./common_en.ts')).parts,
    es: async () => (await import('./common_es.ts')).parts,
  },
  settings: {
    en: async () => (await import('./common_en.ts')).settings,
    es: async () => (await import('./common_es.ts')).settings,
  },
  officer: {
    en: async () => (await import('./officer.en.ts')).en,
    es: async () => (await import('./officer.es.ts')).es,
  },
  coordinator: {
    en: async () => (await import('./coordinator.en.ts')).en,
    es: async () => (await import('./coordinator.es.ts')).es,
  },
  desk: {
    en: async () => (await import('./desk.en.ts')).en,
    es: async () => (await import('./desk.es.ts')).es,
  },
  staff: {
    en: async () => (await import('./staff.en.ts')).en,
    es: async () => (await import('./staff.es.ts')).es,
  },
  staff_rules: {
    en: async () => (await import('./staff_rules.en.ts')).en,
    es: async () => (await import('./staff_rules.es.ts')).es,
  },
};

/** The rooms whose sentences come with their screens. */
export type Room = keyof typeof rooms;

/** The shell's own sentences: English at once, Spanish when asked for. */
export function addShell(): void {
  addRoomNow('shell', 'en', shell, { en: () => shell, es: async () => (await import('./common_es.ts')).shell });
}

/** Resolves when the sentences of these rooms can be shown. */
export async function addMessages(...wanted: Room[]): Promise<void> {
  await Promise.all(wanted.map((room) => addRoom(room, rooms[room])));
}
