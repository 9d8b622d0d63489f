/** What the screen had shown, as operations say it: pure, so that a simulation of phones can stand on it too. */
import type { Vector } from '../domain/operation.ts';

/** The server refuses a longer one. A device left out counts as unseen, which at worst asks a person to choose. */
const BASE_LIMIT_DEVICES = 64;

interface Shown {
  view: { vector: Vector } | null;
  pending: readonly { device_id: string; seq: number }[];
}

/** The view's vector, and one's own operations on top of it. */
export function baseOf(shown: Shown | undefined, device_id: string): Vector {
  if (!shown) return {};
  const base: Vector = { ...shown.view?.vector };
  for (const { device_id: device, seq } of shown.pending) base[device] = Math.max(base[device] ?? 0, seq);
  const entries = Object.entries(base);
  if (entries.length <= BASE_LIMIT_DEVICES) return base;
  const others = entries.filter(([device]) => device !== device_id).slice(0, BASE_LIMIT_DEVICES - 1);
  return Object.fromEntries([...others, ...entries.filter(([device]) => device === device_id)]);
}
