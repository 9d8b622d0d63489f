import { describe, expect, test, vi } from 'vitest';
import { tryPassphrase, WRONG_LIMIT } from './attempts.ts';
import { commitOperations } from './commit.ts';
import { readDevice } from './devices.ts';
import { createDraft, readDrafts } from './drafts.ts';
import { countOutbox } from './outbox.ts';
import { PASSPHRASE, phone, sealingPair, unplaced, type Phone } from './testing.ts';

// A passphrase is stretched on purpose, and ten times here.
vi.setConfig({ testTimeout: 60_000 });

const wrong = ({ database, device_id }: Phone) => tryPassphrase(database, device_id, 'not these words');
const wrongOnes = async (on: Phone, times: number): Promise<unknown[]> => {
  const left: unknown[] = [];
  for (let time = 0; time < times; time += 1) left.push(((await wrong(on)) as { left: number }).left);
  return left;
};

describe('wrong passphrases in a row', () => {
  test('are counted down, also over a restart, and the ninth still opens afterwards', async () => {
    const on = await phone();
    expect(await wrongOnes(on, WRONG_LIMIT - 1)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await readDevice(on.database, on.device_id))?.wrong_passphrases).toBe(9);
    const { vault } = await tryPassphrase(on.database, on.device_id, PASSPHRASE);
    expect(vault).not.toBeNull();
    expect(await wrongOnes(on, 1)).toEqual([9]);
  });

  test('take the wraps and the drafts with the tenth, and no finished operation', async () => {
    const on = await phone();
    const { key } = await sealingPair();
    const draft = { draft_id: 'd', referral_id: 'r', updated_at: '', body: {} };
    await createDraft(on.database, on.vault, draft);
    const operations = [unplaced(on.device.user_id)];
    await commitOperations(on.database, { device_id: on.device_id, vault: on.vault, sealing_key: key, operations });
    await wrongOnes(on, WRONG_LIMIT - 1);
    expect((await readDrafts(on.database, on.vault)).drafts.length).toBe(1);
    expect(await wrong(on)).toEqual({ vault: null, left: 0 });
    expect((await readDevice(on.database, on.device_id))?.wraps).toEqual([]);
    expect((await readDrafts(on.database, on.vault)).drafts).toEqual([]);
    expect((await countOutbox(on.database, on.device_id)).waiting).toBe(1);
    // The right one comes too late.
    expect(await tryPassphrase(on.database, on.device_id, PASSPHRASE)).toEqual({ vault: null, left: 0 });
  });

  test('count before they are tried: a page reloaded in the middle has used its try', async () => {
    const on = await phone();
    const trying = wrong(on);
    await vi.waitFor(async () => expect((await readDevice(on.database, on.device_id))?.wrong_passphrases).toBe(1), { interval: 1 });
    await trying;
  });
});
