import { expect, test } from 'vitest';
import { commitOperations } from './commit.ts';
import { readUnaccepted } from './attention.ts';
import { createDraft, readDrafts } from './drafts.ts';
import { handOver } from './moving.ts';
import { countOutbox, listOutbox } from './outbox.ts';
import { phone, sealingPair, unplaced } from './testing.ts';

const server = await sealingPair();

test('what could be read opens with the new vault, the outbox stays, and nothing new is written under the former id', async () => {
  const former = await phone();
  const { database, device_id, device, vault } = former;
  const [made] = await commitOperations(database, { device_id, vault, sealing_key: server.key, operations: [unplaced(device.user_id)] });
  await createDraft(database, vault, { draft_id: 'draft', referral_id: 'r', updated_at: 'now', body: { place: 'CANARY' } });
  const next = await phone(former.name, { user_id: device.user_id });

  await handOver(database, vault, next.vault);

  expect((await readDrafts(database, next.vault)).drafts).toMatchObject([{ draft_id: 'draft', body: { place: 'CANARY' } }]);
  expect((await readDrafts(database, vault)).drafts).toEqual([]);
  expect((await listOutbox(database, device_id)).map(({ op_id, state }) => [op_id, state])).toEqual([[made!.op_id, 'waiting']]);
  expect((await countOutbox(database, next.device_id)).waiting).toBe(0);
  const row = await database.read(['devices'], (transaction) => transaction.objectStore('devices').get(device_id));
  expect([row!.wraps, row!.signing, row!.next_seq]).toEqual([[], null, 2]);
  // Should it not be accepted, it is read with the new vault.
  await database.write(['outbox'], async (transaction) => {
    const store = transaction.objectStore('outbox');
    await store.put({ ...(await store.get(made!.op_id))!, state: 'attention' });
  });
  const [entry] = await readUnaccepted(database, next.vault, device.user_id);
  expect(entry?.operation).toEqual(made);
});
