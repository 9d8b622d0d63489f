import { describe, expect, test, vi } from 'vitest';
import { PIN_DIGITS, PIN_TRIES, PinLock } from './pin.ts';
import { deviceFields, PASSPHRASE } from './testing.ts';
import { createVault } from './new_vault.ts';

vi.setConfig({ testTimeout: 60_000 });

const PIN = '864209';

async function pinned() {
  const { device, vault } = await createVault(PASSPHRASE, deviceFields());
  const lock = (await PinLock.make(device, PASSPHRASE, PIN))!;
  return { device, vault, lock };
}

describe('a PIN', () => {
  test('opens the vault again, as often as one likes', async () => {
    const { device, vault, lock } = await pinned();
    const sealed = await vault.encrypt('a', 'kept');
    for (let time = 0; time < 2; time += 1) expect(await (await lock.open(device, PIN))!.decrypt('a', sealed)).toBe('kept');
  });

  test('is made only by whoever can open the vault', async () => {
    const { device } = await pinned();
    expect(await PinLock.make(device, 'wrong', PIN)).toBeNull();
  });

  test('leaves nothing in what is stored', async () => {
    const { device } = await pinned();
    expect(device.wraps.map(({ kind }) => kind)).toEqual(['passphrase']);
  });

  test('is destroyed by the fifth wrong one in a row, and then opens nothing', async () => {
    const { device, lock } = await pinned();
    for (let left = PIN_TRIES - 1; left >= 0; left -= 1) {
      expect(await lock.open(device, '000000')).toBeNull();
      expect(lock.left).toBe(left);
    }
    expect(await lock.open(device, PIN)).toBeNull();
  });

  test('begins its count again when it was right before the fifth', async () => {
    const { device, lock } = await pinned();
    for (let time = 1; time < PIN_TRIES; time += 1) await lock.open(device, '000000');
    expect(await lock.open(device, PIN)).not.toBeNull();
    expect(lock.left).toBe(PIN_TRIES);
  });

  test('gives no free tries to whoever tries many at once', async () => {
    const { device, lock } = await pinned();
    const tries = Array.from({ length: PIN_TRIES }, () => lock.open(device, '000000'));
    expect(await Promise.all([...tries, lock.open(device, PIN)])).toEqual(Array(PIN_TRIES + 1).fill(null));
  });

  test('fits one enrolment and no other', async () => {
    const { device, lock } = await pinned();
    expect(await lock.open({ ...device, device_id: crypto.randomUUID() }, PIN)).toBeNull();
  });

  test.each([['12345', false], ['123456', true], ['12345a', false], ['١٢٣٤٥٦', false]])('%s is one: %s', (typed, right) => {
    expect(PIN_DIGITS.test(typed)).toBe(right);
  });
});
