import { beforeEach, describe, expect, it, vi } from 'vitest';
import { readDevice, storeDevice } from '../storage/devices.ts';
import { createDraft } from '../storage/drafts.ts';
import { deviceFields, PASSPHRASE } from '../storage/testing.ts';
import { createVault } from '../storage/new_vault.ts';
import type { OpenVault } from '../storage/vault.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { drafts, flushDrafts, newDraft, openDrafts, reloadDrafts } from './drafts.ts';
import { forgetOpened } from './phase.ts';
import { database, holdVault } from './phone.ts';
import { authenticated, began, FULL_SIGN_IN_MS, isStale, mustSignIn, stale } from './since.ts';

const NOW = Date.parse('2026-04-30T12:00:00Z');
const ago = (ms: number): string => new Date(NOW - ms).toISOString();

describe('twelve hours after the last sign-in', () => {
  it.each([[FULL_SIGN_IN_MS - 1, false], [FULL_SIGN_IN_MS, true]])('%i ms are too long: %s', (ms, expected) => {
    expect(isStale(ago(ms), NOW)).toBe(expected);
  });

  it('an enrolment of an older version, which knows of no sign-in, is not shut', () => {
    expect(isStale(undefined, NOW)).toBe(false);
  });
});

describe('a phone that is opened too long after the last sign-in', () => {
  let device: DeviceRow;
  let vault: OpenVault;

  beforeEach(async () => {
    forgetOpened();
    ({ device, vault } = await createVault(PASSPHRASE, deviceFields()));
    device.authenticated_at = new Date(Date.now() - FULL_SIGN_IN_MS).toISOString();
    await storeDevice(database, device);
    await createDraft(database, vault, { draft_id: 'earlier', referral_id: 'r', updated_at: '', body: { step: 'charge' } });
    holdVault(vault);
    began(device);
  });

  it('reads no earlier draft, stores a new one, and shows both after a sign-in', async () => {
    await openDrafts(vault);
    expect([stale.value, drafts.value]).toEqual([true, []]);
    const { draft_id } = newDraft({ step: 'offer' });
    await flushDrafts();
    await reloadDrafts();
    expect(drafts.value.map((draft) => draft.draft_id)).toEqual([draft_id]);
    expect(await authenticated(device.device_id)).toBe(true);
    await reloadDrafts();
    expect(drafts.value.map((draft) => draft.draft_id).sort()).toEqual([draft_id, 'earlier'].sort());
    expect(isStale((await readDevice(database, device.device_id))?.authenticated_at, Date.now())).toBe(false);
  });

  it('forgets the wrong passphrases when the server has taken the right one', async () => {
    await storeDevice(database, { ...device, wrong_passphrases: 7 });
    await authenticated(device.device_id);
    expect((await readDevice(database, device.device_id))?.wrong_passphrases).toBe(0);
  });
});

describe('the automatic lock after twelve hours', () => {
  const row = { authenticated_at: ago(0) } as DeviceRow;

  it('comes where there is a connection, and nobody without one is cut off', () => {
    vi.setSystemTime(NOW);
    began(row);
    vi.useRealTimers();
    const online = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(true);
    expect([mustSignIn(NOW + FULL_SIGN_IN_MS - 1), mustSignIn(NOW + FULL_SIGN_IN_MS)]).toEqual([false, true]);
    online.mockReturnValue(false);
    expect(mustSignIn(NOW + FULL_SIGN_IN_MS)).toBe(false);
  });
});
