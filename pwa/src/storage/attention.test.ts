import { describe, expect, test } from 'vitest';
import type { Envelope } from '../domain/operation.ts';
import { uuidv7 } from '../domain/uuid.ts';
import { readUnaccepted, sealAnew } from './attention.ts';
import { commitOperations, DraftGone } from './commit.ts';
import { requeueEverything, stateAfter } from './outbox.ts';
import { phone, sealingPair, unplaced, type Phone } from './testing.ts';
import type { OutboxRow, StoredReceipt } from './schema.ts';

const server = await sealingPair();
const REJECTED: StoredReceipt = {
  status: 'rejected', reason: 'payload', detail: 'place: text', epoch: 'e', echoed: true, number: null, conflicts: [],
};

async function write(officer: Phone, fields: object = {}, corrects?: string): Promise<Envelope> {
  const { database, device_id, device, vault } = officer;
  const operations = [unplaced(device.user_id, fields)];
  const [made] = await commitOperations(database, { device_id, vault, sealing_key: server.key, operations, ...(corrects ? { corrects } : {}) });
  return made!;
}

const put = (officer: Phone, op_id: string, changes: Partial<OutboxRow>): Promise<unknown> =>
  officer.database.write(['outbox'], async (transaction) => {
    const store = transaction.objectStore('outbox');
    await store.put({ ...(await store.get(op_id))!, ...changes });
  });

const rowOf = (officer: Phone, op_id: string): Promise<OutboxRow | undefined> =>
  officer.database.read(['outbox'], (transaction) => transaction.objectStore('outbox').get(op_id));

async function refused(officer: Phone, fields: object = {}): Promise<Envelope> {
  const made = await write(officer, fields);
  await put(officer, made.op_id, { state: 'attention', receipt: REJECTED });
  return made;
}

describe('writing anew what was not accepted', () => {
  test('is one strict step with the new operation, which names nothing of the old one', async () => {
    const officer = await phone();
    const referral_id = uuidv7();
    const old = await refused(officer, { referral_id });
    const made = await write(officer, { referral_id, payload: { text: 'Short' } }, old.op_id);
    expect(made.op_id).not.toBe(old.op_id);
    const { prev: _, ...said } = made;
    expect(JSON.stringify(said)).not.toContain(old.op_id);
    const [row] = await readUnaccepted(officer.database, officer.vault, officer.device.user_id);
    expect([row!.row.op_id, row!.row.state, row!.operation?.op_id]).toEqual([old.op_id, 'settled', old.op_id]);
    expect(row!.row.corrected_at).toBeDefined();
  });

  test('happens once: a second try finds that it needs attention no longer, and stores nothing', async () => {
    const officer = await phone();
    const old = await refused(officer);
    await write(officer, {}, old.op_id);
    await expect(write(officer, {}, old.op_id)).rejects.toThrow(DraftGone);
    const rows = await officer.database.read(['outbox'], (transaction) => transaction.objectStore('outbox').count());
    expect(rows).toBe(2);
  });

  test('leaves the old one settled whatever the server says of it again, unless it counts after all', () => {
    const corrected = { corrected_at: 'then' };
    expect(stateAfter('rejected', corrected)).toBe('settled');
    expect(stateAfter('adopted', corrected)).toBe('sent');
    expect([stateAfter('rejected', {}), stateAfter('held', {}), stateAfter('dismissed', {}), stateAfter('applied', {})]).toEqual([
      'attention', 'attention', 'settled', 'sent',
    ]);
  });
});

test('every enrolment of the person on this phone is read, and nobody else’s', async () => {
  const officer = await phone();
  const former = await phone(officer.name, { user_id: officer.device.user_id });
  const stranger = await phone(officer.name);
  const mine = await refused(officer);
  const before = await refused(former);
  await refused(stranger);
  const found = await readUnaccepted(officer.database, officer.vault, officer.device.user_id);
  expect(found.map(({ row }) => row.op_id).toSorted()).toEqual([mine.op_id, before.op_id].toSorted());
  // Written under another vault: it is told of, and cannot be shown.
  expect(found.find(({ row }) => row.op_id === before.op_id)?.operation).toBeNull();
});

test('sealed anew it is the same operation, and waits again', async () => {
  const officer = await phone();
  const made = await refused(officer);
  const damaged = { ...(await rowOf(officer, made.op_id))!.receipt!, reason: 'cannot_open' };
  await put(officer, made.op_id, { blob: 'AAAA', receipt: damaged });
  expect(await sealAnew(officer.database, made, server.key)).toBe(true);
  const row = (await rowOf(officer, made.op_id))!;
  expect([row.state, row.position]).toEqual(['waiting', null]);
  expect(await server.open(row, row.blob)).toEqual(made);
  expect(await sealAnew(officer.database, made, server.key)).toBe(false);
});

test('a server that begins anew is offered what was settled, too', async () => {
  const officer = await phone();
  const old = await refused(officer);
  await write(officer, {}, old.op_id);
  await officer.database.write(['outbox'], (transaction) => requeueEverything(transaction, officer.device_id));
  const row = (await rowOf(officer, old.op_id))!;
  expect([row.state, row.corrected_at === undefined]).toEqual(['waiting', false]);
});
