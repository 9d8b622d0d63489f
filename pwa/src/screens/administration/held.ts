/** What was held or rejected, grouped as people decide it: what one phone wrote about one referral is one matter. Pure. */
import type { UndecidedItem } from '../../transport/schema.d.ts';

export interface Matter {
  key: string;
  items: UndecidedItem[];
  /** Those that a supervisor's word lets count. */
  adoptable: UndecidedItem[];
}

/** The oldest first, each with its items in the order in which they came. */
export function matters(items: readonly UndecidedItem[]): Matter[] {
  const found = new Map<string, Matter>();
  for (const item of items) {
    // What nobody could open belongs to nothing, and is a matter of its own.
    const key = item.kind === null ? item.id : [item.device_id, item.referral_id ?? item.reason, item.state].join('|');
    const matter = found.get(key) ?? { key, items: [], adoptable: [] };
    matter.items.push(item);
    if (item.may_adopt) matter.adoptable.push(item);
    found.set(key, matter);
  }
  return [...found.values()];
}

const HOUR_MS = 3_600_000;
export type Age = 'hour' | 'day' | 'older';
export const AGES: readonly Age[] = ['hour', 'day', 'older'];

/** How many came within the last hour, the last day, and before. */
export function byAge(items: readonly Pick<UndecidedItem, 'received_at'>[], now_ms: number): Record<Age, number> {
  const counts: Record<Age, number> = { hour: 0, day: 0, older: 0 };
  for (const { received_at } of items) {
    const age = now_ms - Date.parse(received_at);
    counts[age < HOUR_MS ? 'hour' : age < 24 * HOUR_MS ? 'day' : 'older'] += 1;
  }
  return counts;
}
