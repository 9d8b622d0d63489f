/**
 * The first glance: who was at this phone when it was last used, so that the right form stands before the storage answers.
 *
 * A copy in `localStorage` of what IndexedDB holds in clear (enrolments by login, language, light, the staffed line), never a
 * name. It decides nothing: `enrolments.ts` reads the truth a moment later and puts right what is wrong, and no passphrase
 * is ever checked against this.
 */
import { effect } from '@preact/signals';
import { isLanguage, language } from './language.ts';
import { callable, demo, knownOfficers, me, write, type KnownOfficer, type Line } from './phase.ts';
import { chosenTheme, isTheme } from './theme.ts';
import type { Me } from './types.ts';

const KEY = 'glance';

interface Glance {
  officers: KnownOfficer[];
  me: Me | null;
  line: Line | null;
  demo: boolean;
  language: unknown;
  theme: unknown;
}

function stored(): Glance | null {
  try {
    const glance = JSON.parse(localStorage.getItem(KEY) ?? 'null') as Glance | null;
    return Array.isArray(glance?.officers) ? glance : null;
  } catch {
    return null;
  }
}

/**
 * Sets the phase without waiting for anything. Where nothing is known, a page without a worker is a first visit; one with
 * a worker waits for the storage.
 */
export function takeGlance(): void {
  const glance = stored();
  if (glance === null) {
    write.phase.value = globalThis.navigator?.serviceWorker?.controller ? 'starting' : 'sign_in';
    return;
  }
  if (isLanguage(glance.language)) language.value = glance.language;
  if (isTheme(glance.theme)) chosenTheme.value = glance.theme;
  write.demo.value = glance.demo;
  write.line.value = glance.line;
  write.officers.value = glance.officers;
  write.me.value = glance.me;
  write.phase.value = glance.officers.length > 0 ? 'locked' : 'sign_in';
}

/** Keeps the copy as the signals are. Call once, when they have the storage's word. */
export function keepGlance(): void {
  let last: Me | null = null;
  effect(() => {
    // Whoever was chosen last is chosen again at the next start, also after somebody looked at the list.
    last = me.value ?? last;
    const glance: Glance = {
      officers: knownOfficers.value,
      me: last && { ...last, name: last.login },
      line: callable.value,
      demo: demo.value,
      language: language.value,
      theme: chosenTheme.value,
    };
    try {
      localStorage.setItem(KEY, JSON.stringify(glance));
    } catch {
      // No storage of this kind: the next start waits for the other.
    }
  });
}
