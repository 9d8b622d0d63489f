/**
 * Finishing: what a person did becomes operations, in one IndexedDB transaction.
 *
 * IndexedDB commits while WebCrypto is awaited, yet sequence numbers must be taken in the transaction that stores the
 * operations. So: (1) under a lock per device, read `next_seq` and the last operation on each referral; (2) build,
 * digest, sign and seal outside any transaction; (3) in one strict transaction check that both still stand, and write
 * the sealed rows, the readable copies and the new `next_seq`, and delete the draft. If another tab came first (there may be
 * no lock), nothing was written and it starts over. A number is thus taken exactly when its operation is stored.
 */
import { canonical, digestOf, signedText, type Envelope, type Unsigned } from '../domain/operation.ts';
import { hex, random, utf8 } from './bytes.ts';
import type { Database, ReadTransaction, WriteTransaction } from './database.ts';
import { changeDevice, NoSuchDevice } from './devices.ts';
import { inTurn } from './locks.ts';
import type { CopyRow, OutboxRow } from './schema.ts';
import { seal, type SealingKey } from './sealing.ts';
import type { OpenVault } from './vault.ts';

const PAYLOAD_LIMIT_BYTES = 64 * 1024;
const BLOB_LIMIT_BYTES = 96 * 1024;
const SALT_BYTES = 16;
/** More than any number of tabs that a person can press a button in at once. */
const ATTEMPTS = 20;

/** An operation before this module gives it its place: number, predecessor, salt, digest and signature. */
export type Unplaced = Unsigned extends infer U
  ? U extends Unsigned
    ? Omit<U, 'v' | 'device_id' | 'seq' | 'prev' | 'salt'>
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
  next_seq: number;
  /** This device's last operation on each referral concerned; null when there is none on the phone. */
  last: Map<string, string | null>;
}

/** Stores the operations and resolves when they are on disk. Returns them as they were signed, in order. */
export function commitOperations(database: Database, submission: Submission): Promise<Envelope[]> {
  return inTurn(`handoff-seq-${submission.device_id}`, async () => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const place = await database.read(['devices', 'outbox'], (transaction) => readPlace(transaction, submission));
      const operations = await finish(place, submission);
      const [outbox, copies] = await Promise.all([
        Promise.all(operations.map((operation) => sealedRow(operation, submission.sealing_key))),
        Promise.all(operations.map((operation) => copyRow(operation, submission.vault))),
      ]);
      const written = await database.write(['devices', 'outbox', 'copies', 'drafts'], async (transaction) => {
        if (!samePlace(place, await readPlace(transaction, submission))) return false;
        await consumeDraft(transaction, submission);
        for (const row of outbox) await transaction.objectStore('outbox').add(row);
        for (const row of copies) if (row !== null) await transaction.objectStore('copies').add(row);
        await changeDevice(transaction, submission.device_id, () => ({ next_seq: place.next_seq + operations.length }));
        return true;
      });
      if (written) return operations;
    }
    throw new Error('Another page keeps writing on this phone. Close it and try again.');
  });
}

async function readPlace(transaction: ReadTransaction | WriteTransaction, submission: Submission): Promise<Place> {
  const { device_id, operations } = submission;
  // The two kinds of transaction read alike; the library's types do not unite.
  const reading = transaction as ReadTransaction;
  const device = await reading.objectStore('devices').get(device_id);
  if (device === undefined) throw new NoSuchDevice();
  const last = new Map<string, string | null>();
  const index = reading.objectStore('outbox').index('by_device_referral');
  for (const { referral_id } of operations) {
    if (last.has(referral_id)) continue;
    const range = IDBKeyRange.bound([device_id, referral_id], [device_id, referral_id, []]);
    const cursor = await index.openKeyCursor(range, 'prev');
    last.set(referral_id, cursor?.primaryKey ?? null);
  }
  return { next_seq: device.next_seq, last };
}

const samePlace = (one: Place, other: Place): boolean =>
  one.next_seq === other.next_seq && [...one.last].every(([referral, op_id]) => other.last.get(referral) === op_id);

async function consumeDraft(transaction: WriteTransaction, { consumes_draft }: Submission): Promise<void> {
  if (consumes_draft === undefined || consumes_draft === null) return;
  const drafts = transaction.objectStore('drafts');
  if ((await drafts.getKey(consumes_draft)) === undefined) throw new DraftGone();
  await drafts.delete(consumes_draft);
}

/** Each operation's place first, which depends on the one before; then their digests and signatures, all at once. */
async function finish(place: Place, { device_id, vault, operations }: Submission): Promise<Envelope[]> {
  const last = new Map(place.last);
  const seen = new Map<string, number>();
  const placed = operations.map((operation, index): Unsigned => {
    const { op_id, referral_id, payload } = operation;
    if (utf8(canonical(payload)).length > PAYLOAD_LIMIT_BYTES) throw new OperationTooLarge();
    const seq = place.next_seq + index;
    const before = seen.get(referral_id);
    const base = before === undefined ? operation.base : { ...operation.base, [device_id]: before };
    const prev = last.get(referral_id) ?? null;
    last.set(referral_id, op_id);
    seen.set(referral_id, seq);
    return { ...operation, v: 1, device_id, seq, prev, base, salt: hex(random(SALT_BYTES)) };
  });
  return Promise.all(
    placed.map(async (unsigned): Promise<Envelope> => {
      const [digest, sig] = await Promise.all([digestOf(unsigned), vault === null ? null : vault.sign(signedText(unsigned))]);
      return { ...unsigned, digest, sig };
    }),
  );
}

async function sealedRow(operation: Envelope, { key_id, public_key }: SealingKey): Promise<OutboxRow> {
  const { op_id, device_id, seq, program_id, referral_id, prev, digest } = operation;
  const header = { op_id, device_id, seq, program_id, key_id };
  const blob = await seal(public_key, header, utf8(canonical(operation)));
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
