import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { uuidv7 } from '../domain/uuid.ts';
import { commitOperations } from '../storage/commit.ts';
import { readDevice } from '../storage/devices.ts';
import { listOutbox } from '../storage/outbox.ts';
import { readCopies } from '../storage/records.ts';
import { phone, unplaced, type Phone } from '../storage/testing.ts';
import { flush, type FlushOutcome } from './flush.ts';
import { pull } from './pull.ts';
import { fetchFrom, TestServer } from './testing.ts';

let server: TestServer;
let officer: Phone;

beforeEach(async () => {
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  officer = await phone();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

async function write(): Promise<string> {
  const { database, device, device_id, vault } = officer;
  const [made] = await commitOperations(database, { device_id, vault, sealing_key: server.pair.key, operations: [unplaced(device.user_id)] });
  return made!.op_id;
}

const send = async (): Promise<FlushOutcome> =>
  (await flush(officer.database, officer.device_id, { app: 'test', force: true, greet: true })).outcome;

test('what a supervisor set aside is settled, says by whom and why, and stays readable', async () => {
  const op_id = await write();
  server.answers.set(op_id, { status: 'held', reason: 'device_revoked' });
  await send();
  server.give({ t: 'op', id: op_id, referral_id: uuidv7(), status: 'dismissed', reason: 'device_revoked', detail: 'Twice.', by: 'ana' });
  await pull(officer.database, officer.vault);
  const [row] = await listOutbox(officer.database, officer.device_id);
  expect(row).toMatchObject({ state: 'settled', receipt: { status: 'dismissed', detail: 'Twice.', by: 'ana' } });
  await pull(officer.database, officer.vault);
  expect((await readCopies(officer.database, officer.vault)).operations).toMatchObject([{ state: 'settled' }]);
});

test('told that two profiles write as this device it sends everything, asks for a sign-in, and remembers', async () => {
  await write();
  server.failures.push({ changed: (answer) => ({ ...answer, forked: true }) });
  expect(await send()).toBe('sign_in');
  const [row] = await listOutbox(officer.database, officer.device_id);
  expect(row!.state).toBe('sent');
  expect((await readDevice(officer.database, officer.device_id))!.forked).toBe(true);
  await write();
  expect(await send()).toBe('sign_in');
  expect((await listOutbox(officer.database, officer.device_id)).map(({ state }) => state)).toEqual(['sent', 'sent']);
});
