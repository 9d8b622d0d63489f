/** Why nothing opens a phone: ten wrong passphrases, or the server's word. */
import { expect, test, vi } from 'vitest';
import { tryPassphrase, WRONG_LIMIT } from '../storage/attempts.ts';
import { readDevice } from '../storage/devices.ts';
import { wipeDevice } from '../storage/server_word.ts';
import { phone, type Phone } from '../storage/testing.ts';
import { keyGone } from './unlock.tsx';

// A passphrase is stretched on purpose, and ten times here.
vi.setConfig({ testTimeout: 60_000 });

const wrongOnes = async ({ database, device_id }: Phone, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1) await tryPassphrase(database, device_id, 'not these words');
};
const told = async ({ database, device_id }: Phone): Promise<string> => {
  const row = await readDevice(database, device_id);
  expect(row?.wraps).toEqual([]);
  return keyGone({ wrong: row!.wrong_passphrases ?? 0 });
};

test('the tenth wrong passphrase is told as that', async () => {
  const on = await phone();
  await wrongOnes(on, WRONG_LIMIT);
  expect(await told(on)).toBe('guessed');
});

test.each([0, WRONG_LIMIT - 1])('a phone that was removed is told as that, also after %i wrong ones', async (times) => {
  const on = await phone();
  await wrongOnes(on, times);
  await wipeDevice(on.database, on.device_id);
  expect(await told(on)).toBe('removed');
});

test('a row of an older version counted nothing', () => {
  expect(keyGone({})).toBe('removed');
});
