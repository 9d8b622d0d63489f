import { expect, test } from 'vitest';
import { changeDevice, readDevice } from './devices.ts';
import { meetServer } from './server_word.ts';
import { phone, type Phone } from './testing.ts';

const heard = async ({ database, device_id }: Phone, known: [number, number][], next_seq: number, epoch = 'e'): Promise<number> => {
  await database.write(['devices', 'outbox'], async (transaction) => {
    const device = await changeDevice(transaction, device_id, () => ({ next_seq, epoch: 'e' }));
    await meetServer(transaction, device, device, { epoch, known });
  });
  return (await readDevice(database, device_id))!.next_seq;
};

test('a profile that was put back to an earlier day gives out no number again', async () => {
  const officer = await phone();
  expect(await heard(officer, [[1, 3], [5, 8]], 4)).toBe(9);
  expect(await heard(officer, [[1, 8]], 8)).toBe(9);
});

test('numbers above all that the server knows stay', async () => {
  const officer = await phone();
  expect(await heard(officer, [[1, 8]], 9)).toBe(9);
  expect(await heard(officer, [], 5)).toBe(5);
});

test('another server’s word about numbers says nothing', async () => {
  expect(await heard(await phone(), [[1, 8]], 4, 'other')).toBe(4);
});
