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
import type { en as officer } from './officer.en.ts';

type All = typeof shell & typeof officer & typeof coordinator & typeof desk;

declare module '../../state/language.ts' {
  interface Messages extends All {}
}

/** The rooms whose sentences come with their screens. */
export type Room = 'officer' | 'coordinator' | 'desk';

const loaders = {
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
};

/** The shell's own sentences: English at once, Spanish when asked for. */
export function addShell(): void {
  addRoomNow('shell', 'en', shell, { en: () => shell, es: async () => (await import('./shell.es.ts')).es });
}

export const addMessages = (room: Room): Promise<void> => addRoom(room, loaders[room]);
