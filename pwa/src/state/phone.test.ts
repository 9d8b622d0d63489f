/** Drafts and submissions on real storage: fake-indexeddb below, WebCrypto, and the vault as the phone uses it. */
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { uuidv7 } from '../domain/uuid.ts';
import { toBase64url } from '../storage/bytes.ts';
import { readDevice, storeDevice } from '../storage/devices.ts';
import { readDrafts } from '../storage/drafts.ts';
import { suite } from '../storage/hpke.ts';
import { listOutbox } from '../storage/outbox.ts';
import { readCopies } from '../storage/records.ts';
import type { DeviceRow } from '../storage/schema.ts';
import { createVault } from '../storage/new_vault.ts';
import { openVault, type OpenVault } from '../storage/vault.ts';
import { baseOf } from './base.ts';
import { NotReady, prepareToSubmit, submit } from './compose.ts';
import { discard, drafts, edit, flushDrafts, newDraft, openDrafts } from './drafts.ts';
import { forgetOpened, settle, write } from './phase.ts';
import { database, holdVault, unsaved } from './phone.ts';
import { record, records, reloadRecords, unreadable } from './records.ts';
import type { ProgramDocument } from './types.ts';

// A passphrase is stretched on purpose, and several times here.
vi.setConfig({ testTimeout: 60_000 });

const PASSPHRASE = 'four quiet test words';
let sealing_key: ProgramDocument['sealing_key'];
let device: DeviceRow;
let vault: OpenVault;

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  sealing_key = { key_id: '0123456789abcdef', public_key: toBase64url(raw), suite: 'P-256' };
});

beforeEach(async () => {
  forgetOpened();
  const fields = { user_id: uuidv7(), login: 'officer', program_id: 'demo', role: 'officer', agency_id: uuidv7() };
  const made = await createVault(PASSPHRASE, { ...fields, device_id: crypto.randomUUID(), created_at: new Date().toISOString() });
  device = made.device;
  vault = made.vault;
  await storeDevice(database, device);
  holdVault(vault);
  write.me.value = { ...fields, role: 'officer', name: 'Officer Test', device_id: device.device_id };
  write.program.value = { id: 'demo', sealing_key, pack: null, people: [], nobody_after_minutes: 10 } as unknown as ProgramDocument;
});

/** A second opening of the same vault: what another start of the browser would find. */
async function restarted(): Promise<OpenVault> {
  const again = await openVault((await readDevice(database, device.device_id))!, PASSPHRASE);
  return again!;
}

describe('drafts', () => {
  it('are on the phone shortly after the last keystroke, without anybody asking', async () => {
    const { draft_id } = newDraft({ step: 'charge' });
    edit(draft_id, { step: 'offer', place: 'bus stop' });
    expect(drafts.value[0]?.body).toEqual({ step: 'offer', place: 'bus stop' });
    const found = await restarted();
    await vi.waitFor(
      async () => expect((await readDrafts(database, found)).drafts[0]?.body).toEqual({ step: 'offer', place: 'bus stop' }),
      { timeout: 5000, interval: 20 },
    );
  });

  it('are stored before the key is dropped, and leave the memory with it', async () => {
    newDraft({ name: 'canary' });
    await settle();
    holdVault(null);
    forgetOpened();
    expect(drafts.value).toEqual([]);
    await openDrafts(await restarted());
    expect(drafts.value[0]?.body).toEqual({ name: 'canary' });
  });

  it('that another tab discarded do not come back with a late edit', async () => {
    const { draft_id } = newDraft({ step: 'charge' });
    await flushDrafts();
    await database.write(['drafts'], (transaction) => transaction.objectStore('drafts').delete(draft_id));
    edit(draft_id, { step: 'offer' });
    await flushDrafts();
    expect(drafts.value).toEqual([]);
    expect((await readDrafts(database, vault)).drafts).toEqual([]);
  });

  it('that are discarded are gone from the phone', async () => {
    const { draft_id } = newDraft({ step: 'charge' });
    await flushDrafts();
    await discard(draft_id);
    expect((await readDrafts(database, vault)).drafts).toEqual([]);
  });

  it('that the phone refuses to store are kept in memory, and the screen is told', async () => {
    const { draft_id } = newDraft({ step: 'charge' });
    const refusing = vi.spyOn(database, 'write').mockRejectedValue(new DOMException('full', 'QuotaExceededError'));
    await flushDrafts();
    expect(unsaved.value).toBe(true);
    refusing.mockRestore();
    await flushDrafts();
    expect(unsaved.value).toBe(false);
    expect((await readDrafts(database, vault)).drafts.map((draft) => draft.draft_id)).toEqual([draft_id]);
  });

  it('that this vault cannot open are counted, not left out', async () => {
    newDraft({ step: 'charge' });
    await flushDrafts();
    const { draft_id } = drafts.value[0]!;
    await database.write(['drafts'], async (transaction) => {
      const store = transaction.objectStore('drafts');
      const row = (await store.get(draft_id))!;
      await store.put({ ...row, ct: row.ct.map((byte) => byte ^ 1) });
    });
    await openDrafts(vault);
    expect(drafts.value).toEqual([]);
    expect(unreadable.value).toBe(1);
  });
});

describe('a submission', () => {
  const acts = [
    { kind: 'referral.create', payload: { pathway: 'social_contact', agency_id: null } },
    { kind: 'referral.set', payload: { fields: { place: 'bus stop' } } },
    { kind: 'referral.alert', payload: { officer_waiting: true } },
  ];

  it('stores sealed operations, readable copies and the end of the draft together', async () => {
    const draft = newDraft({ step: 'alert' });
    const ids = await submit(draft.referral_id, acts, { consumes_draft: draft.draft_id });
    const rows = await listOutbox(database, device.device_id);
    expect(rows.map(({ op_id, seq, state }) => [op_id, seq, state])).toEqual(ids.map((id, at) => [id, at + 1, 'waiting']));
    const { operations } = await readCopies(database, vault);
    expect(operations.map(({ operation }) => operation.prev)).toEqual([null, ids[0], ids[1]]);
    expect(operations.every(({ operation }) => operation.sig !== null && operation.made_at !== '')).toBe(true);
    expect(drafts.value).toEqual([]);
    expect((await readDrafts(database, vault)).drafts).toEqual([]);
  });

  it('is on the list at once, and the next one builds on what it showed', async () => {
    const referral_id = uuidv7();
    await submit(referral_id, acts);
    expect(records.value.map(({ id, mine }) => [id, mine])).toEqual([[referral_id, true]]);
    expect(record(referral_id)?.state.registers['place']?.value).toBe('bus stop');
    expect(baseOf(record(referral_id), device.device_id)).toEqual({ [device.device_id]: 3 });
    await submit(referral_id, [{ kind: 'referral.set', payload: { fields: { place: 'library' } } }]);
    expect(record(referral_id)?.state.registers['place']?.value).toBe('library');
    expect(Object.keys(record(referral_id)!.state.conflicts)).toEqual([]);
  });

  it('without a vault goes unsigned, leaves no readable copy, and still shows in this sitting', async () => {
    holdVault(null);
    const referral_id = uuidv7();
    const draft = newDraft({ step: 'alert' }, referral_id);
    await submit(referral_id, acts, { consumes_draft: draft.draft_id });
    expect((await listOutbox(database, device.device_id)).length).toBe(3);
    expect((await readCopies(database, await restarted())).operations).toEqual([]);
    expect(record(referral_id)?.pending.map(({ sig }) => sig)).toEqual([null, null, null]);
    const receipt = { status: 'held', reason: 'unsigned', detail: null, epoch: 'e1', echoed: true, number: 12, conflicts: [] };
    const rows = await listOutbox(database, device.device_id);
    await database.write(['outbox'], async (transaction) => {
      for (const row of rows) await transaction.objectStore('outbox').put({ ...row, state: 'attention', receipt });
    });
    await reloadRecords();
    expect([record(referral_id)?.word, record(referral_id)?.number]).toEqual(['attention', 12]);
    expect(drafts.value).toEqual([]);
  });

  it('that fails stores nothing and keeps the draft', async () => {
    const draft = newDraft({ note: 'x' });
    const tooLong = [{ kind: 'note.add', payload: { text: 'x'.repeat(70_000) } }];
    await expect(submit(draft.referral_id, tooLong, { consumes_draft: draft.draft_id })).rejects.toThrow('too much');
    expect(await listOutbox(database, device.device_id)).toEqual([]);
    expect(drafts.value.length).toBe(1);
    expect((await readDevice(database, device.device_id))!.next_seq).toBe(1);
  });

  it('takes the ids that were prepared, once each, at the moment of the tap', async () => {
    const referral_id = uuidv7();
    const schedules = vi.spyOn(suite, 'createSenderContext');
    prepareToSubmit(referral_id);
    // One for the rehearsal, four to be used.
    await vi.waitFor(() => expect(schedules).toHaveBeenCalledTimes(5));
    await Promise.all(schedules.mock.results.map(({ value }) => value as Promise<unknown>));
    const before = new Date().toISOString();
    const first = await submit(referral_id, acts);
    expect(schedules).toHaveBeenCalledTimes(5);
    const second = await submit(referral_id, acts);
    expect(new Set([...first, ...second]).size).toBe(6);
    // One of the four was left for the fourth number.
    expect(schedules).toHaveBeenCalledTimes(7);
    expect(record(referral_id)!.made_at >= before).toBe(true);
  });

  it('tells the ids while the screen changes, and the list is complete by then', async () => {
    const draft = newDraft({ step: 'alert' });
    const told: unknown[] = [];
    const ids = await submit(draft.referral_id, acts, {
      consumes_draft: draft.draft_id,
      stored: (op_ids) => told.push(op_ids, record(draft.referral_id)?.pending.length, drafts.value.length),
    });
    expect(told).toEqual([ids, 3, 0]);
  });

  it('tells nothing when it fails', async () => {
    const stored = vi.fn();
    const tooLong = [{ kind: 'note.add', payload: { text: 'x'.repeat(70_000) } }];
    await expect(submit(uuidv7(), tooLong, { stored })).rejects.toThrow('too much');
    expect(stored).not.toHaveBeenCalled();
  });

  it('needs somebody enrolled', async () => {
    write.me.value = null;
    await expect(submit(uuidv7(), acts)).rejects.toThrow(NotReady);
  });
});

it('names at most as many devices as the server takes, its own among them', () => {
  const vector = Object.fromEntries(Array.from({ length: 90 }, (_, at) => [`device-${at}`, at + 1]));
  const shown = { view: { vector }, pending: [] } as unknown as Parameters<typeof baseOf>[0];
  const base = baseOf(shown, 'device-89');
  expect(Object.keys(base).length).toBe(64);
  expect(base['device-89']).toBe(90);
});
