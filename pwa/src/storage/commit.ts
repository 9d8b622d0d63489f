/**
 * Finishing: what a person did becomes operations, in one IndexedDB transaction.
 *
 * IndexedDB commits while WebCrypto is awaited, yet sequence numbers must be taken in the transaction that stores the
 * operations. So: (1) read `next_seq` and the last operation on each referral; (2) build, digest, sign and seal outside
 * any transaction; (3) in one strict transaction check that both still stand, and write the sealed rows, the readable
 * copies and the new `next_seq`, and delete the draft. If another tab came first, nothing was written and it starts over,
 * from then on in turn with the other tabs. A number is thus taken exactly when its operation is stored.
 */
import { canonical, completed, type Envelope, type Unsigned } from '../domain/operation.ts';
import { hex, random, utf8 } from './bytes.ts';
import type { Database, ReadTransaction, WriteTransaction } from './database.ts';
import { NoSuchDevice } from './devices.ts';
import { inTurn, inTurnHere } from './locks.ts';
import type { Bytes, CopyRow, DeviceRow, OutboxRow } from './schema.ts';
import { prepareSeals, seal, type Header, type SealingKey } from './sealing.ts';
import type { OpenVault } from './vault.ts';

const PAYLOAD_LIMIT_BYTES = 64 * 1024;
const BLOB_LIMIT_BYTES = 96 * 1024;
const SALT_BYTES = 16;
/** More than any number of tabs that a person can press a button in at once. */
const ATTEMPTS = 20;

/**
 * An operation before this module gives it its place: number, predecessor, salt, digest and signature. The phone's clock is
 * taken for as wrong as the device knows it to be, unless the author says otherwise.
 */
export type Unplaced = Unsigned extends infer U
  ? U extends Unsigned
    ? Omit<U, 'v' | 'device_id' | 'seq' | 'prev' | 'salt' | 'clock_off_ms'> & { clock_off_ms?: number | null }
    : never
  : never;

export interface Submission {
  device_id: string;
  /** Null when the vault is lost: operations then go unsigned (held, and paged) and leave no readable copy. */
  vault: OpenVault | null;
  sealing_key: SealingKey;
  /** In order. Each has seen those before it on its referral; `base` and `saw` need not say so for this device. */
  operations: readonly Unplaced[];
  /** The draft that these operations finish. It must still be there. */
  consumes_draft?: string | null;
  /** The operation that was not accepted and is written anew by these: it must still need attention, and is settled with them. */
  corrects?: string;
}

/** The draft was submitted or discarded already, perhaps in another tab. Nothing was written. */
export class DraftGone extends Error {
  override readonly name = 'DraftGone';

  constructor() {
    super('This draft has been submitted already. Look for it in the list.');
  }
}

/** More than the server takes in one operation. Nothing was written. */
export class OperationTooLarge extends Error {
  override readonly name = 'OperationTooLarge';

  constructor() {
    super('This is too much for one entry. Shorten the text, or split it.');
  }
}

interface Place {
  device: DeviceRow;
  /** This device's last operation on each referral concerned; null when there is none on the phone. */
  last: Map<string, string | null>;
}

let ahead: { device_id: string; referral_id: string; place: Place } | null = null;

/**
 * Does ahead of need what a submission to one referral needs, given one that says nothing: finds its place, rehearses
 * once (the first time through code costs most), and prepares the seals of its operations' ids. The transaction that
 * stores finds out if the place moved; seals prepared for another are then not found.
 */
export async function foresee(database: Database, blank: Submission): Promise<void> {
  const { device_id, sealing_key, operations } = blank;
  const place = await database.read(['devices', 'outbox'], (transaction) => readPlace(transaction, blank));
  ahead = { device_id, referral_id: operations[0]!.referral_id, place };
  const unsigned = placed(place, blank);
  await finish(unsigned[0]!, { ...blank, vault: null });
  await prepareSeals(sealing_key.public_key, unsigned.map((each) => headerOf(each, sealing_key)));
}

function takeForeseen({ device_id, operations }: Submission): Place | null {
  const known = ahead;
  ahead = null;
  const fits = known?.device_id === device_id && operations.every(({ referral_id }) => referral_id === known.referral_id);
  return fits ? known.place : null;
}

/** Stores the operations and resolves when they are on disk. Returns them as they were signed, in order. */
export async function commitOperations(database: Database, submission: Submission): Promise<Envelope[]> {
  const turn = `handoff-seq-${submission.device_id}`;
  // Two tabs seldom finish something in the same moment: the transaction finds out, and only then do they queue.
  const first = await inTurnHere(turn, () => attempt(database, submission, takeForeseen(submission)));
  if (first !== null) return first;
  return inTurn(turn, async () => {
    for (let number = 1; number < ATTEMPTS; number += 1) {
      const operations = await attempt(database, submission);
      if (operations !== null) return operations;
    }
    throw new Error('Another page keeps writing on this phone. Close it and try again.');
  });
}

/** Null if somebody else wrote in between; nothing was stored then. */
async function attempt(database: Database, submission: Submission, foreseen: Place | null = null): Promise<Envelope[] | null> {
  const place = foreseen ?? (await database.read(['devices', 'outbox'], (transaction) => readPlace(transaction, submission)));
  const finished = await Promise.all(placed(place, submission).map((unsigned) => finish(unsigned, submission)));
  const written = await database.write(['devices', 'outbox', 'copies', 'drafts'], async (transaction) => {
    const [present, corrected] = await Promise.all([
      readPlace(transaction, submission),
      requireWrong(transaction, submission),
      requireDraft(transaction, submission),
    ]);
    if (!samePlace(place, present)) return false;
    await writeAll(transaction, submission, present.device, finished, corrected);
    return true;
  });
  return written ? finished.map(({ operation }) => operation) : null;
}

async function readPlace(
  transaction: ReadTransaction | WriteTransaction,
  { device_id, operations }: { device_id: string; operations: readonly { referral_id: string }[] },
): Promise<Place> {
  // The two kinds of transaction read alike; the library's types do not unite.
  const reading = transaction as ReadTransaction;
  const index = reading.objectStore('outbox').index('by_device_referral');
  const lastOn = async (referral_id: string): Promise<[string, string | null]> => {
    const range = IDBKeyRange.bound([device_id, referral_id], [device_id, referral_id, []]);
    const cursor = await index.openKeyCursor(range, 'prev');
    return [referral_id, cursor?.primaryKey ?? null];
  };
  const referrals = new Set(operations.map(({ referral_id }) => referral_id));
  const [device, ...last] = await Promise.all([reading.objectStore('devices').get(device_id), ...[...referrals].map(lastOn)]);
  if (device === undefined) throw new NoSuchDevice();
  return { device, last: new Map(last) };
}

const samePlace = (one: Place, other: Place): boolean =>
  one.device.next_seq === other.device.next_seq &&
  [...one.last].every(([referral, op_id]) => other.last.get(referral) === op_id);

async function requireDraft(transaction: WriteTransaction, { consumes_draft }: Submission): Promise<void> {
  if (consumes_draft == null) return;
  if ((await transaction.objectStore('drafts').getKey(consumes_draft)) === undefined) throw new DraftGone();
}

async function requireWrong(transaction: WriteTransaction, { corrects }: Submission): Promise<OutboxRow | undefined> {
  if (corrects === undefined) return undefined;
  const row = await transaction.objectStore('outbox').get(corrects);
  if (row?.state !== 'attention') throw new DraftGone();
  return row;
}

/** Everything is asked for at once, and the end of the transaction with it: each waiting costs more than a write. */
async function writeAll(
  transaction: WriteTransaction,
  { consumes_draft }: Submission,
  device: DeviceRow,
  finished: readonly Finished[],
  corrected: OutboxRow | undefined,
): Promise<void> {
  const copies = finished.flatMap(({ copy }) => (copy === null ? [] : [copy]));
  const requests: Promise<unknown>[] = [
    transaction.objectStore('devices').put({ ...device, next_seq: device.next_seq + finished.length }),
    ...(consumes_draft == null ? [] : [transaction.objectStore('drafts').delete(consumes_draft)]),
    ...finished.map(({ row }) => transaction.objectStore('outbox').add(row)),
    ...(corrected ? [transaction.objectStore('outbox').put({ ...corrected, state: 'settled', corrected_at: new Date().toISOString() })] : []),
    ...copies.map((copy) => transaction.objectStore('copies').add(copy)),
  ];
  transaction.commit();
  await Promise.all(requests);
}

/** Each operation's place, which depends on the one before. */
function placed(place: Place, { device_id, operations }: Submission): Unsigned[] {
  const last = new Map(place.last);
  const seen = new Map<string, number>();
  return operations.map((operation, index): Unsigned => {
    const { op_id, referral_id, clock_off_ms = place.device.clock_off_ms } = operation;
    const seq = place.device.next_seq + index;
    const before = seen.get(referral_id);
    const base = before === undefined ? operation.base : { ...operation.base, [device_id]: before };
    const prev = last.get(referral_id) ?? null;
    last.set(referral_id, op_id);
    seen.set(referral_id, seq);
    return { ...operation, v: 1, device_id, seq, prev, base, clock_off_ms, salt: hex(random(SALT_BYTES)) };
  });
}

interface Finished {
  operation: Envelope;
  row: OutboxRow;
  copy: CopyRow | null;
}

async function finish(unsigned: Unsigned, { vault, sealing_key }: Submission): Promise<Finished> {
  const { envelope: operation, text } = await completed(unsigned, async (covered) => (vault === null ? null : vault.sign(covered)));
  const content = utf8(text);
  if (content.length > PAYLOAD_LIMIT_BYTES && utf8(canonical(operation.payload)).length > PAYLOAD_LIMIT_BYTES) {
    throw new OperationTooLarge();
  }
  const [row, copy] = await Promise.all([sealedRow(operation, content, sealing_key), copyRow(operation, vault)]);
  return { operation, row, copy };
}

const headerOf = ({ op_id, device_id, seq, program_id }: Unsigned, { key_id }: SealingKey): Header => ({
  op_id,
  device_id,
  seq,
  program_id,
  key_id,
});

export async function sealedRow(operation: Envelope, content: Bytes, key: SealingKey): Promise<OutboxRow> {
  const { referral_id, prev, digest } = operation;
  const header = headerOf(operation, key);
  const blob = await seal(key.public_key, header, content);
  if (blob.length > (BLOB_LIMIT_BYTES * 4) / 3) throw new OperationTooLarge();
  return {
    ...header,
    referral_id,
    prev,
    digest,
    blob,
    size: JSON.stringify({ ...header, blob }).length + 1,
    state: 'waiting',
    position: null,
    receipt: null,
    attempts: 0,
    created_at: operation.made_at,
  };
}

/** What `records.ts` reads back. */
export const copyData = (op_id: string, device_id: string): string => `copy|${op_id}|${device_id}`;

async function copyRow(operation: Envelope, vault: OpenVault | null): Promise<CopyRow | null> {
  if (vault === null) return null;
  const { op_id, device_id, seq } = operation;
  return { op_id, device_id, seq, ...(await vault.encrypt(copyData(op_id, device_id), operation)) };
}
