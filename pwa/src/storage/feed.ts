/**
 * Writing what the feed brought: one page of it in one strict transaction, together with the cursor behind it.
 *
 * Everything is encrypted before the transaction begins. If another tab has moved the cursor meanwhile nothing is
 * written. A resync is mark and sweep that survives being interrupted: each view carries the generation it was written
 * in, and views of an older one go at the end, except while the phone still has own operations on them.
 */
import type { View } from '../domain/records.ts';
import type { Database, WriteTransaction } from './database.ts';
import { changeDevice } from './devices.ts';
import { dropDurable, stateAfter, type Ranges } from './outbox.ts';
import { opened, peopleData, viewData, type PageStatus, type People, type ViewContent } from './records.ts';
import { startingWith, type DeviceRow, type OutboxRow, type Sealed } from './schema.ts';
import { meetServer, overtaken, type ServerWord } from './server_word.ts';
import type { OpenVault } from './vault.ts';

export type FeedItem =
  | { t: 'put'; id: string; number: number | null; received_at: string; view: View }
  | { t: 'page'; id: string; page: PageStatus | null }
  | { t: 'drop'; id: string; why: string }
  | { t: 'op'; id: string; referral_id: string; status: string; reason: string | null; detail: string | null; by?: string | null }
  | { t: 'told'; id: string; referral_id: string; gave_way: string[]; back: string[] };

export interface FeedPage extends ServerWord {
  items: FeedItem[];
  cursor: string | null;
  more: boolean;
  head: number;
  durable_position: number;
  /** The numbers of this phone that a verified backup holds. */
  durable: Ranges;
  people: People;
  clock_off_ms: number | null;
}

/** stored: go on. moved: another tab was faster. restart: the server is another one now; read from the beginning. */
export type Stored = 'stored' | 'moved' | 'restart' | 'ignored';

const EXPUNGED = 'expunged';

/** Begins a resync: everything is read anew, and what does not come again is swept. */
export const beginResync = (database: Database, device_id: string): Promise<void> =>
  database.write(['devices'], async (transaction) => {
    await changeDevice(transaction, device_id, startOver);
  });

const startOver = (device: DeviceRow): Partial<DeviceRow> => ({
  cursor: null,
  generation: device.generation + 1,
  sweeping: true,
});

/** The views that this page changes, encrypted; null for those that go. */
async function sealedViews(database: Database, vault: OpenVault, items: FeedItem[]): Promise<Map<string, Sealed | null>> {
  const contents = new Map<string, ViewContent | null>();
  const before = async (id: string): Promise<ViewContent | null | undefined> =>
    contents.has(id) ? contents.get(id) : storedView(database, vault, id);
  for (const item of items) {
    if (item.t === 'put') {
      const { view, number, received_at } = item;
      // A referral comes without its page, which is an item of its own and need not come again: what is known of it stays.
      const { page = null, gave_way = [] } = (await before(item.id)) ?? {};
      contents.set(item.id, { view, number, received_at, page, gave_way });
    } else if (item.t === 'drop') {
      contents.set(item.id, null);
    } else if (item.t === 'page') {
      const known = await before(item.id);
      // Dropped in this very page, or stored but unreadable: a page status alone must not replace either.
      if (known === null || known === undefined) continue;
      contents.set(item.id, { ...known, page: item.page });
    } else if (item.t === 'told') {
      const known = await before(item.referral_id);
      if (known === null || known === undefined) continue;
      const others = (known.gave_way ?? []).filter((key) => !item.back.includes(key) && !item.gave_way.includes(key));
      contents.set(item.referral_id, { ...known, gave_way: [...others, ...item.gave_way] });
    }
  }
  const sealed = new Map<string, Sealed | null>();
  for (const [id, content] of contents) {
    sealed.set(id, content === null ? null : await vault.encrypt(viewData(id, vault.device_id), content));
  }
  return sealed;
}

const NOTHING: ViewContent = { view: null, number: null, received_at: null, page: null };

async function storedView(database: Database, vault: OpenVault, id: string): Promise<ViewContent | undefined> {
  const { device_id } = vault;
  const row = await database.read(['views'], (transaction) => transaction.objectStore('views').get([device_id, id]));
  return row === undefined ? NOTHING : opened<ViewContent>(vault, viewData(id, device_id), row);
}

async function sealedPeople(vault: OpenVault, device: DeviceRow, people: People): Promise<Sealed | null> {
  if (Object.keys(people).length === 0) return device.people;
  const aad = peopleData(vault.device_id);
  const before = device.people === null ? {} : await opened<People>(vault, aad, device.people);
  return vault.encrypt(aad, { ...before, ...people });
}

/** Stores one page that was asked for with `device.cursor`. */
export async function storePage(
  database: Database,
  vault: OpenVault,
  device: DeviceRow,
  page: FeedPage,
): Promise<{ stored: Stored; requeued: number }> {
  const views = await sealedViews(database, vault, page.items);
  const people = await sealedPeople(vault, device, page.people);
  return database.write(['devices', 'outbox', 'copies', 'views'], async (transaction) => {
    const present = await changeDevice(transaction, device.device_id, () => ({}));
    // Wraps vanish when the device is wiped; nothing readable may be written after that.
    if (present.cursor !== device.cursor || present.generation !== device.generation || present.wraps.length === 0) {
      return { stored: 'moved', requeued: 0 };
    }
    const { epoch, requeued } = await meetServer(transaction, present, device, page);
    if (epoch === 'former') return { stored: 'ignored', requeued: 0 };
    if (epoch === 'adopted') {
      await changeDevice(transaction, device.device_id, startOver);
      return { stored: 'restart', requeued: requeued.length };
    }
    await writeItems(transaction, present, page, views);
    if (!page.more) await finishPull(transaction, present, page);
    const backup = { position: page.durable_position, numbers: page.durable };
    if (!overtaken(present, device)) await dropDurable(transaction, device.device_id, backup);
    await changeDevice(transaction, device.device_id, () => ({
      people,
      cursor: page.cursor,
      durable_position: page.durable_position,
      clock_off_ms: page.clock_off_ms ?? present.clock_off_ms,
    }));
    return { stored: 'stored', requeued: requeued.length };
  });
}

async function writeItems(
  transaction: WriteTransaction,
  { device_id, generation }: DeviceRow,
  page: FeedPage,
  views: Map<string, Sealed | null>,
): Promise<void> {
  const store = transaction.objectStore('views');
  for (const [referral_id, sealed] of views) {
    if (sealed === null) await store.delete([device_id, referral_id]);
    else await store.put({ device_id, referral_id, generation, ...sealed });
  }
  const outbox = transaction.objectStore('outbox');
  for (const item of page.items) {
    if (item.t === 'drop' && item.why === EXPUNGED) await forgetOwn(transaction, device_id, item.id);
    if (item.t !== 'op') continue;
    const row = await outbox.get(item.id);
    if (row !== undefined && row.device_id === device_id && row.state !== 'waiting' && item.reason === EXPUNGED) {
      await forget(transaction, row.op_id);
      continue;
    }
    // A waiting operation is about to get a receipt of its own.
    if (row !== undefined && row.device_id === device_id && row.state !== 'waiting') {
      await outbox.put(withState(row, item, page));
    }
  }
}

/** Nothing that was sent about an expunged referral stays here. What still waits is sent, refused, and goes by the next pull. */
async function forgetOwn(transaction: WriteTransaction, device_id: string, referral_id: string): Promise<void> {
  const own = transaction.objectStore('outbox').index('by_device_referral');
  for (const row of await own.getAll(startingWith(device_id, referral_id))) {
    if (row.state !== 'waiting') await forget(transaction, row.op_id);
  }
}

/** The sealed operation and its readable copy go. */
async function forget(transaction: WriteTransaction, op_id: string): Promise<void> {
  await transaction.objectStore('outbox').delete(op_id);
  await transaction.objectStore('copies').delete(op_id);
}

/** A supervisor decided, or the server changed its mind: the operation's state followed by feed. */
function withState(row: OutboxRow, item: FeedItem & { t: 'op' }, page: FeedPage): OutboxRow {
  const { status, reason, detail, by = null } = item;
  const before = row.receipt ?? { number: null, conflicts: [], echoed: true };
  return {
    ...row,
    state: stateAfter(status, row),
    // It happened at or before the head, so once a backup holds the head it holds this.
    position: row.position ?? page.head,
    receipt: { ...before, status, reason, detail, epoch: page.epoch, by },
  };
}

/** The whole feed has been read up to `head`: copies it shows can go, and so can views that did not come again. */
async function finishPull(transaction: WriteTransaction, device: DeviceRow, page: FeedPage): Promise<void> {
  const { device_id } = device;
  const copies = transaction.objectStore('copies');
  const outbox = transaction.objectStore('outbox');
  for (const op_id of await copies.index('by_device_seq').getAllKeys(startingWith(device_id))) {
    const row = await outbox.get(op_id);
    const shown = row === undefined || (row.state === 'sent' && row.position !== null && row.position <= page.head);
    if (shown) await copies.delete(op_id);
  }
  if (!device.sweeping) return;
  const views = transaction.objectStore('views');
  let kept = false;
  for (let cursor = await views.openCursor(startingWith(device_id)); cursor !== null; cursor = await cursor.continue()) {
    const { referral_id, generation } = cursor.value;
    if (generation >= device.generation) continue;
    const own = await outbox.index('by_device_referral').count(startingWith(device_id, referral_id));
    if (own > 0) kept = true;
    else await cursor.delete();
  }
  // Views kept for the sake of own operations are looked at again by the next pull.
  await changeDevice(transaction, device_id, () => ({ sweeping: kept }));
}
