/**
 * A former enrolment of the same person hands over to a new one: what could be read with its vault opens with the new one.
 *
 * For a device under whose id two browser profiles write. The sealed outbox stays where it is and is sent under the former
 * id; nothing new is ever written there, because its keys go. One strict transaction: either all of it has moved, or nothing.
 */
import { copyData } from './commit.ts';
import type { Database } from './database.ts';
import { changeDevice } from './devices.ts';
import { draftData } from './drafts.ts';
import { opened } from './records.ts';
import { startingWith, type Sealed } from './schema.ts';
import type { OpenVault } from './vault.ts';

/** Rows that do not open are left as they are: they are no worse off than before. */
export async function handOver(database: Database, former: OpenVault, vault: OpenVault): Promise<void> {
  const { device_id } = former;
  const rows = await database.read(['drafts', 'copies'], async (transaction) => ({
    drafts: await transaction.objectStore('drafts').index('by_device').getAll(device_id),
    copies: await transaction.objectStore('copies').index('by_device_seq').getAll(startingWith(device_id)),
  }));
  const resealed = async (from: string, to: string, row: Sealed): Promise<Sealed | null> => {
    const content = await opened<unknown>(former, from, row);
    return content === undefined ? null : vault.encrypt(to, content);
  };
  const drafts = await Promise.all(
    rows.drafts.map((row) => resealed(draftData(row.draft_id, device_id), draftData(row.draft_id, vault.device_id), row)),
  );
  // A copy stays the former device's: it goes with the operation that it shows.
  const copies = await Promise.all(rows.copies.map((row) => resealed(copyData(row.op_id, device_id), copyData(row.op_id, device_id), row)));
  await database.write(['devices', 'drafts', 'copies', 'views'], async (transaction) => {
    for (const [index, sealed] of drafts.entries()) {
      if (sealed) await transaction.objectStore('drafts').put({ ...rows.drafts[index]!, device_id: vault.device_id, ...sealed });
    }
    for (const [index, sealed] of copies.entries()) if (sealed) await transaction.objectStore('copies').put({ ...rows.copies[index]!, ...sealed });
    await transaction.objectStore('views').delete(startingWith(device_id));
    await changeDevice(transaction, device_id, () => ({ wraps: [], signing: null, people: null, cursor: null }));
  });
}
