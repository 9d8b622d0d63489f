import { describe, expect, test, vi } from 'vitest';
import { canonical, digestOf, type Envelope } from '../domain/operation.ts';
import { uuidv7 } from '../domain/uuid.ts';
import { fromBase64url, utf8 } from './bytes.ts';
import { commitOperations, DraftGone, foresee, OperationTooLarge } from './commit.ts';
import { openDatabase } from './database.ts';
import { readDevice } from './devices.ts';
import { createDraft, readDrafts, saveDraft } from './drafts.ts';
import { suite } from './hpke.ts';
import { countOutbox, listOutbox } from './outbox.ts';
import { readCopies } from './records.ts';
import { phone, sealingPair, unplaced, MADE_AT, type Phone } from './testing.ts';

const server = await sealingPair();

type Operations = ReturnType<typeof unplaced>[];

const submit = ({ database, device, vault }: Phone, ...operations: Operations): Promise<Envelope[]> =>
  commitOperations(database, {
    device_id: device.device_id,
    vault,
    sealing_key: server.key,
    operations: operations.length > 0 ? operations : [unplaced(device.user_id)],
  });

const foreseen = ({ database, device_id }: Phone, operations: Operations): Promise<void> =>
  foresee(database, { device_id, vault: null, sealing_key: server.key, operations });

/** The same ids with something to say. */
const said = (operations: Operations): Operations => operations.map((each) => ({ ...each, payload: { text: 'Said' } }) as Operations[number]);

async function openedSeqs(officer: Phone): Promise<number[]> {
  const rows = await listOutbox(officer.database, officer.device_id);
  return Promise.all(rows.map(async (row) => ((await server.open(row, row.blob)) as Envelope).seq));
}

describe('finishing operations', () => {
  test('numbers, chains, signs and seals them so that the server opens exactly what was signed', async () => {
    const officer = await phone();
    const referral_id = uuidv7();
    const { user_id } = officer.device;
    const [first, second] = await submit(officer, unplaced(user_id, { referral_id }), unplaced(user_id, { referral_id }));
    const [third] = await submit(officer, unplaced(user_id, { referral_id }), unplaced(user_id));
    expect([first!.seq, second!.seq, third!.seq]).toEqual([1, 2, 3]);
    expect([first!.prev, second!.prev, third!.prev]).toEqual([null, first!.op_id, second!.op_id]);
    const rows = await listOutbox(officer.database, officer.device_id);
    expect(rows.map(({ seq, state }) => [seq, state])).toEqual([1, 2, 3, 4].map((seq) => [seq, 'waiting']));
    const opened = (await server.open(rows[1]!, rows[1]!.blob)) as Envelope;
    expect(canonical(opened)).toBe(canonical(second));
    expect(await digestOf(opened)).toBe(opened.digest);
    const { digest: _, sig, ...covered } = opened;
    const key = await crypto.subtle.importKey(
      'raw', fromBase64url(officer.device.public_key), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'],
    );
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    expect(await crypto.subtle.verify(algorithm, key, fromBase64url(sig!), utf8(canonical(covered)))).toBe(true);
  });

  test('takes the place that was foreseen, and finds out when another tab took it first', async () => {
    const officer = await phone();
    const { user_id } = officer.device;
    const referral_id = uuidv7();
    await foreseen(officer, [unplaced(user_id, { referral_id })]);
    vi.resetModules();
    const otherTab = await import('./commit.ts');
    const operations = [unplaced(user_id, { referral_id })];
    const { vault, device_id } = officer;
    const [theirs] = await otherTab.commitOperations(officer.database, { device_id, vault, sealing_key: server.key, operations });
    const [mine] = await submit(officer, unplaced(user_id, { referral_id }));
    expect([theirs!.seq, mine!.seq, mine!.prev]).toEqual([1, 2, theirs!.op_id]);
    await foreseen(officer, [unplaced(user_id, { referral_id })]);
    const [next] = await submit(officer, unplaced(user_id, { referral_id }));
    expect([next!.seq, next!.prev]).toEqual([3, mine!.op_id]);
  });

  test('works out no key schedule for what was foreseen, and stores nothing of the rehearsal', async () => {
    const officer = await phone();
    const referral_id = uuidv7();
    const blank = [1, 2, 3].map(() => unplaced(officer.device.user_id, { referral_id }));
    await foreseen(officer, blank);
    expect((await countOutbox(officer.database, officer.device_id)).waiting).toBe(0);
    const schedules = vi.spyOn(suite, 'createSenderContext');
    await submit(officer, ...said(blank));
    expect(schedules).not.toHaveBeenCalled();
    const [row] = await listOutbox(officer.database, officer.device_id);
    expect(await server.open(row!, row!.blob)).toMatchObject({ payload: { text: 'Said' }, seq: 1 });
    expect(await openedSeqs(officer)).toEqual([1, 2, 3]);
  });

  test('works key schedules out anew when another tab took the place that was foreseen', async () => {
    const officer = await phone();
    const referral_id = uuidv7();
    const blank = [unplaced(officer.device.user_id, { referral_id })];
    await foreseen(officer, blank);
    vi.resetModules();
    const otherTab = await import('./commit.ts');
    const { vault, device_id } = officer;
    const operations = [unplaced(officer.device.user_id)];
    await otherTab.commitOperations(officer.database, { device_id, vault, sealing_key: server.key, operations });
    await submit(officer, ...said(blank));
    expect(await openedSeqs(officer)).toEqual([1, 2]);
  });

  test('works key schedules out anew when the sealing key changed meanwhile', async () => {
    const officer = await phone();
    const { database, device_id, vault } = officer;
    const referral_id = uuidv7();
    const blank = [unplaced(officer.device.user_id, { referral_id })];
    await foreseen(officer, blank);
    const next = await sealingPair();
    await commitOperations(database, { device_id, vault, sealing_key: next.key, operations: said(blank) });
    const [row] = await listOutbox(database, device_id);
    expect(row!.key_id).toBe(next.key.key_id);
    expect(await next.open(row!, row!.blob)).toMatchObject({ payload: { text: 'Said' } });
  });

  test('lets each operation of one submission have seen those before it on its referral', async () => {
    const officer = await phone();
    const { user_id } = officer.device;
    const referral_id = uuidv7();
    const other = crypto.randomUUID();
    const [, second, third] = await submit(
      officer,
      unplaced(user_id, { referral_id }),
      unplaced(user_id, { referral_id, base: { [other]: 7 } }),
      unplaced(user_id),
    );
    expect(second!.base).toEqual({ [other]: 7, [officer.device_id]: 1 });
    expect(third!.base).toEqual({});
  });

  test('keeps a readable copy for the vault and nothing in clear', async () => {
    const officer = await phone();
    const [operation] = await submit(officer);
    expect(await readCopies(officer.database, officer.vault)).toEqual({
      operations: [{ operation, state: 'waiting', receipt: null }],
      unreadable: 0,
    });
    const everything = await officer.database.read(['devices', 'outbox', 'copies', 'drafts'], async (transaction) =>
      JSON.stringify(
        await Promise.all([...transaction.objectStoreNames].map((name) => transaction.objectStore(name).getAll())),
        (_key, value: unknown) => (ArrayBuffer.isView(value) ? new TextDecoder('latin1').decode(value) : value),
      ),
    );
    expect(everything).toContain(operation!.op_id);
    expect(everything).not.toContain('CANARY');
  });

  test('counts a copy that another vault wrote as unreadable', async () => {
    const officer = await phone();
    await submit(officer);
    const stranger = await phone(officer.name, { device_id: officer.device_id });
    expect(await readCopies(officer.database, stranger.vault)).toEqual({ operations: [], unreadable: 1 });
  });

  test('without a vault seals unsigned and leaves no copy', async () => {
    const { database, device, vault } = await phone();
    const operations = [unplaced(device.user_id)];
    const [operation] = await commitOperations(database, {
      device_id: device.device_id, vault: null, sealing_key: server.key, operations,
    });
    expect(operation!.sig).toBeNull();
    expect((await readCopies(database, vault)).operations).toEqual([]);
    expect((await countOutbox(database, device.device_id)).waiting).toBe(1);
  });

  test('consumes its draft in the same transaction, once', async () => {
    const { database, device, vault } = await phone();
    const draft = { draft_id: uuidv7(), referral_id: uuidv7(), updated_at: MADE_AT, body: { name: 'CANARY' } };
    await createDraft(database, vault, draft);
    const submission = { device_id: device.device_id, vault, sealing_key: server.key, consumes_draft: draft.draft_id };
    await commitOperations(database, { ...submission, operations: [unplaced(device.user_id)] });
    expect((await readDrafts(database, vault)).drafts).toEqual([]);
    const again = commitOperations(database, { ...submission, operations: [unplaced(device.user_id)] });
    await expect(again).rejects.toBeInstanceOf(DraftGone);
    expect((await readDevice(database, device.device_id))!.next_seq).toBe(2);
    expect((await countOutbox(database, device.device_id)).waiting).toBe(1);
    // The other tab's autosave comes too late.
    expect(await saveDraft(database, vault, draft)).toBe(false);
    expect((await readDrafts(database, vault)).drafts).toEqual([]);
  });

  test('takes the largest payload and refuses one byte more, without taking a number', async () => {
    const officer = await phone();
    const { user_id } = officer.device;
    const room = 64 * 1024 - JSON.stringify({ text: '' }).length;
    const note = (length: number): ReturnType<typeof unplaced> =>
      unplaced(user_id, { payload: { text: 'é'.repeat(length / 2) + 'x'.repeat(length % 2) } } as object);
    await expect(submit(officer, note(room + 1))).rejects.toBeInstanceOf(OperationTooLarge);
    const [operation] = await submit(officer, note(room));
    expect(operation!.seq).toBe(1);
  });

  test('gives two people on one phone numbers of their own', async () => {
    const one = await phone();
    const two = await phone(one.name);
    const [[first], [second]] = await Promise.all([submit(one), submit(two)]);
    expect([first!.seq, second!.seq]).toEqual([1, 1]);
    expect((await listOutbox(one.database, two.device_id)).map(({ op_id }) => op_id)).toEqual([second!.op_id]);
  });

  test('two tabs without any lock never give out one number twice', async () => {
    const officer = await phone();
    vi.stubGlobal('navigator', {});
    // Each tab runs its own copy of the code, so that nothing but the database is shared.
    const first = await import('./commit.ts');
    vi.resetModules();
    const tabs = [first, await import('./commit.ts')];
    expect(tabs[0]).not.toBe(tabs[1]);
    const { device_id, user_id } = officer.device;
    const writes = tabs.flatMap((tab) => {
      const database = openDatabase({}, officer.name);
      return Array.from({ length: 5 }, (_unused, index) =>
        tab.commitOperations(database, {
          device_id,
          vault: officer.vault,
          sealing_key: server.key,
          operations: Array.from({ length: 1 + (index % 2) }, () => unplaced(user_id)),
        }),
      );
    });
    const numbers = (await Promise.all(writes)).flat().map(({ seq }) => seq);
    vi.unstubAllGlobals();
    expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 14 }, (_unused, index) => index + 1));
    const rows = await listOutbox(officer.database, device_id);
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 14 }, (_unused, index) => index + 1));
    for (const row of rows) expect(((await server.open(row, row.blob)) as Envelope).seq).toBe(row.seq);
  });
});
