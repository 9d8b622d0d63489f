/** Night, day, or as the system says. Desks are bright rooms: there the system's wish for night is not followed. */
import { computed, effect, signal, type Signal } from '@preact/signals';
import { me, phase } from './phase.ts';
import type { Role } from './types.ts';

export type Theme = 'system' | 'night' | 'day';

export const theme: Signal<Theme> = signal('system');

const GROUND = { night: '#0b0f14', day: '#ffffff' };
const DESK_ROLES = new Set<Role>(['supervisor', 'sergeant', 'administrator', 'prosecutor', 'evaluator']);

const atDesk = computed(() => phase.value === 'open' && me.value !== null && DESK_ROLES.has(me.value.role));

/** Keeps `<html data-theme data-place>` and the colour of the browser's own bar with choice and role. Call once. */
export function followTheme(): void {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const system = signal(dark.matches);
  dark.addEventListener('change', () => {
    system.value = dark.matches;
  });
  effect(() => {
    const wanted = theme.value === 'system' ? (system.value && !atDesk.value ? 'night' : 'day') : theme.value;
    root.dataset['theme'] = wanted;
    root.dataset['place'] = atDesk.value ? 'desk' : 'phone';
    document.querySelector('meta[name="theme-color"]')?.setAttribute('content', GROUND[wanted]);
  });
}
