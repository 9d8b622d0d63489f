/** That a person has seen what of theirs gave way: it is then no longer told on this phone. */
import type { Database } from './database.ts';
import { opened, viewData, type ViewContent } from './records.ts';
import type { OpenVault } from './vault.ts';

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, at) => byte === other[at]);

/** Where another tab or a pull stores the view at the same time, that stands, and it is told once more. */
export async function forgetGaveWay(database: Database, vault: OpenVault, referral_id: string, keys: readonly string[]): Promise<void> {
  const place: [string, string] = [vault.device_id, referral_id];
  const aad = viewData(referral_id, vault.device_id);
  const before = await database.read(['views'], (transaction) => transaction.objectStore('views').get(place));
  const content = before && (await opened<ViewContent>(vault, aad, before));
  if (!content) return;
  const gave_way = (content.gave_way ?? []).filter((key) => !keys.includes(key));
  const sealed = await vault.encrypt(aad, { ...content, gave_way });
  await database.write(['views'], async (transaction) => {
    const store = transaction.objectStore('views');
    const present = await store.get(place);
    // Another tab or a pull was faster: what it stored must not be undone.
    if (present && sameBytes(present.iv, before.iv)) await store.put({ ...present, ...sealed });
  });
}
