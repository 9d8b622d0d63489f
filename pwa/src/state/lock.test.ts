/** Locking in order: what is being written is stored while the key is there, and then the key goes. */
import { afterEach, expect, it, vi } from 'vitest';
import { storeDevice } from '../storage/devices.ts';
import { readDrafts } from '../storage/drafts.ts';
import { deviceFields, PASSPHRASE } from '../storage/testing.ts';
import { createVault } from '../storage/new_vault.ts';
import { openVault } from '../storage/vault.ts';
import { edit, newDraft } from './drafts.ts';
import { afterLock, beforeLock, forgetOpened, write } from './phase.ts';
import { database, holdVault, vault } from './phone.ts';
import { lock } from './session.ts';

afterEach(() => forgetOpened());

it('stores the last keystroke before it drops the key', async () => {
  const { device, vault: open } = await createVault(PASSPHRASE, deviceFields());
  await storeDevice(database, device);
  holdVault(open);
  write.phase.value = 'open';
  const order: string[] = [];
  beforeLock(() => void order.push(vault() === null ? 'stored without the key' : 'stored with the key'));
  afterLock(() => order.push(vault() === null ? 'forgotten after the key' : 'forgotten before the key'));
  const writing = vi.spyOn(database, 'write');
  const closing = vi.spyOn(open, 'close');
  const { draft_id } = newDraft({ step: 'charge' });
  edit(draft_id, { name: 'the last keystroke' });
  await lock();
  expect(order).toEqual(['stored with the key', 'forgotten after the key']);
  expect(writing.mock.invocationCallOrder[0]).toBeLessThan(closing.mock.invocationCallOrder[0]!);
  const again = (await openVault(device, PASSPHRASE))!;
  expect((await readDrafts(database, again)).drafts[0]?.body).toEqual({ step: 'charge', name: 'the last keystroke' });
});
