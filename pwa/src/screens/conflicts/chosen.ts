/** What a person has just chosen, kept in memory until the phone locks: choosing again is the way to undo it. */
import { signal, type ReadonlySignal } from '@preact/signals';
import { afterLock } from '../../state/phase.ts';
import type { Disagreement } from './disagreements.ts';

const chosen = signal<ReadonlyMap<string, Disagreement>>(new Map());

const placeOf = (referral_id: string, key: string): string => `${referral_id}|${key}`;

export const all: ReadonlySignal<ReadonlyMap<string, Disagreement>> = chosen;

export function remember(referral_id: string, about: Disagreement): void {
  chosen.value = new Map(chosen.peek()).set(placeOf(referral_id, about.key), about);
}

/** The fields of one referral in which this person has chosen, with everything that they chose from. */
export const chosenIn = (referral_id: string): Disagreement[] =>
  [...chosen.value].flatMap(([place, about]) => (place.startsWith(`${referral_id}|`) ? [about] : []));

afterLock(() => {
  chosen.value = new Map();
});
