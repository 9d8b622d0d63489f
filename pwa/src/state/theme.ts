/** Night, day, or as the system says. Desks are bright rooms: whoever works there has day until they choose. */
import { computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { me, phase } from './phase.ts';
import type { Role } from './types.ts';

export type Theme = 'system' | 'night' | 'day';

export const isTheme = (value: unknown): value is Theme => value === 'night' || value === 'day' || value === 'system';

/** What the person chose; null until they do. */
export const chosenTheme: Signal<Theme | null> = signal(null);

const GROUND = { night: '#0b0f14', day: '#ffffff' };
const DESK_ROLES = new Set<Role>(['supervisor', 'sergeant', 'administrator', 'prosecutor', 'evaluator']);

const atDesk = computed(() => phase.value === 'open' && me.value !== null && DESK_ROLES.has(me.value.role));

/** What holds, and what the settings show as chosen. */
export const theme: ReadonlySignal<Theme> = computed(() => chosenTheme.value ?? (atDesk.value ? 'day' : 'system'));

const shown = signal<'night' | 'day'>('day');
/** What the screen shows, for what is drawn rather than styled. */
export const shownTheme: ReadonlySignal<'night' | 'day'> = shown;

/** Keeps `<html data-theme data-place>` and the colour of the browser's own bar with choice and role. Call once. */
export function followTheme(): void {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const system = signal(dark.matches);
  dark.addEventListener('change', () => {
    system.value = dark.matches;
  });
  effect(() => {
    const wanted = theme.value === 'system' ? (system.value ? 'night' : 'day') : theme.value;
    root.dataset['theme'] = wanted;
    root.dataset['place'] = atDesk.value ? 'desk' : 'phone';
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', GROUND[wanted]);
    shown.value = wanted;
  });
}
