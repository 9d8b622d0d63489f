/**
 * The rooms' dictionaries: which sentences exist (for the compiler) and how to fetch them (for the phone).
 *
 * Every room has `<room>.en.ts` with `export const en` and `<room>.es.ts` with `export const es: Record<keyof typeof en,
 * string>`. No key appears in two rooms. Only the shell's English is part of the first screen.
 */
import { addRoom, addRoomNow, type Dictionary, type Language } from '../../state/language.ts';
import { en as shell } from './shell.en.ts';
import type { en as access } from './access.en.ts';
import type { en as administration } from './administration.en.ts';
import type { en as attention } from './attention.en.ts';
import type { en as answer } from './answer.en.ts';
import type { en as called } from './called.en.ts';
import type { en as conflicts } from './conflicts.en.ts';
import type { en as coordinator } from './coordinator.en.ts';
import type { en as desk } from './desk.en.ts';
import type { en as handover } from './handover.en.ts';
import type { en as evaluation } from './evaluation.en.ts';
import type { en as lock } from './lock.en.ts';
import type { en as merging } from './merging.en.ts';
import type { en as officer } from './officer.en.ts';
import type { en as parts } from './parts.en.ts';
import type { en as quarantine } from './quarantine.en.ts';
import type { en as reached } from './reached.en.ts';
import type { en as release } from './release.en.ts';
import type { en as rota } from './rota.en.ts';
import type { en as settings } from './settings.en.ts';
import type { en as staff } from './staff.en.ts';
import type { en as staffRules } from './staff_rules.en.ts';

type All = typeof shell &
  typeof access &
  typeof administration &
  typeof answer &
  typeof attention &
  typeof quarantine &
  typeof evaluation &
  typeof lock &
  typeof merging &
  typeof parts &
  typeof settings &
  typeof reached &
  typeof release &
  typeof officer &
  typeof coordinator &
  typeof desk &
  typeof handover &
  typeof staff &
  typeof staffRules &
  typeof called &
  typeof conflicts &
  typeof rota;

declare module '../../state/language.ts' {
  interface Messages extends All {}
}

/** The small rooms, one file a language, and the shell's Spanish with them. */
const common = { en: () => import('./common_en.ts'), es: () => import('./common_es.ts') };

const rooms = {
  answer: common,
  lock: common,
  parts: common,
  settings: common,
  attention: { en: () => import('./attention.en.ts'), es: () => import('./attention.es.ts') },
  quarantine: { en: () => import('./quarantine.en.ts'), es: () => import('./quarantine.es.ts') },
  reached: { en: () => import('./reached.en.ts'), es: () => import('./reached.es.ts') },
  handover: { en: () => import('./handover.en.ts'), es: () => import('./handover.es.ts') },
  merging: { en: () => import('./merging.en.ts'), es: () => import('./merging.es.ts') },
  release: { en: () => import('./release.en.ts'), es: () => import('./release.es.ts') },
  officer: { en: () => import('./officer.en.ts'), es: () => import('./officer.es.ts') },
  coordinator: { en: () => import('./coordinator.en.ts'), es: () => import('./coordinator.es.ts') },
  desk: { en: () => import('./desk.en.ts'), es: () => import('./desk.es.ts') },
  staff: { en: () => import('./staff.en.ts'), es: () => import('./staff.es.ts') },
  conflicts: { en: () => import('./conflicts.en.ts'), es: () => import('./conflicts.es.ts') },
  called: { en: () => import('./called.en.ts'), es: () => import('./called.es.ts') },
  rota: { en: () => import('./rota.en.ts'), es: () => import('./rota.es.ts') },
  staff_rules: { en: () => import('./staff_rules.en.ts'), es: () => import('./staff_rules.es.ts') },
};

/** The rooms whose sentences come with their screens. */
export type Room = keyof typeof rooms;

/** A room's sentences: what its file calls by the room's name, or, in a file of its own, by the language's. */
async function sentences(room: Room | 'shell', language: Language): Promise<Dictionary> {
  const load: () => Promise<Partial<Record<string, Dictionary>>> = (room === 'shell' ? common : rooms[room])[language];
  const file = await load();
  return (file[room] ?? file[language])!;
}

/** The shell's own sentences: English at once, Spanish when asked for. */
export function addShell(): void {
  addRoomNow('shell', 'en', shell, { en: () => shell, es: () => sentences('shell', 'es') });
}

/** Resolves when the sentences of these rooms can be shown. */
export async function addMessages(...wanted: Room[]): Promise<void> {
  const loadersOf = (room: Room) => ({ en: () => sentences(room, 'en'), es: () => sentences(room, 'es') });
  await Promise.all(wanted.map((room) => addRoom(room, loadersOf(room))));
}
