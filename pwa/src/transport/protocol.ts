/**
 * The shapes of push, pull and enrolment on the wire, and the checks that an answer must pass before it counts.
 *
 * A checked answer comes from a server that speaks this protocol. Whether it is *the* server is the epoch's question.
 */
import type { Ranges } from '../storage/outbox.ts';
import type { FeedItem } from '../storage/feed.ts';
import type { People } from '../storage/records.ts';
import { isRecord, NotOurs } from './client.ts';

export const PROTOCOL = 1;
export const BATCH_OPERATIONS = 100;
/** A little under the server's 512 KiB, for the rest of the request. */
export const BATCH_BYTES = 500 * 1024;

export interface SealedOperation {
  op_id: string;
  device_id: string;
  seq: number;
  program_id: string;
  key_id: string;
  blob: string;
}

export interface PushRequest {
  protocol: typeof PROTOCOL;
  epoch: string | null;
  device_id: string;
  device: { pending: number; oldest_pending_at: string | null; app: string; written: number };
  lost: string[];
  operations: SealedOperation[];
}

export type ReceiptStatus = 'applied' | 'merged' | 'duplicate' | 'held' | 'rejected' | 'retry';

export interface Receipt {
  op_id: string;
  digest: string | null;
  epoch: string;
  status: ReceiptStatus;
  reason: string | null;
  detail: string | null;
  position: number | null;
  number: number | null;
  conflicts: string[];
  /** Of a duplicate: the first answer, and the state the operation is in now. */
  first?: Receipt | null;
  state?: string | null;
  retry_after_s?: number | null;
}

interface Answer {
  epoch: string;
  server_time: string;
  head: number;
  durable_position: number;
  known: Record<string, Ranges>;
  /** The numbers that a verified backup holds; a server older than this app does not say. */
  durable?: Record<string, Ranges>;
}

export interface PushAnswer extends Answer {
  receipts: Receipt[];
  wipe?: boolean;
  /** Two browser profiles write as this device. */
  forked?: boolean;
}

export interface PullAnswer extends Answer {
  items: FeedItem[];
  cursor: string | null;
  more: boolean;
  resync: boolean;
  people: People;
}

export interface EnrolAnswer {
  device_id: string;
  epoch: string;
  known: Ranges;
  next_seq: number;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const areRanges = (value: unknown): value is Ranges =>
  Array.isArray(value) &&
  value.every((range) => Array.isArray(range) && range.length === 2 && isCount(range[0]) && isCount(range[1]));

const areRangesByDevice = (value: unknown): value is Record<string, Ranges> =>
  isRecord(value) && Object.values(value).every(areRanges);

const isAnswer = (value: unknown): value is Record<string, unknown> & Answer =>
  isRecord(value) &&
  value['protocol'] === PROTOCOL &&
  isText(value['epoch']) &&
  isText(value['server_time']) &&
  isCount(value['head']) &&
  isCount(value['durable_position']) &&
  areRangesByDevice(value['known']) &&
  (value['durable'] === undefined || areRangesByDevice(value['durable']));

const isReceipt = (value: unknown): value is Receipt =>
  isRecord(value) && isText(value['op_id']) && isText(value['epoch']) && isText(value['status']);

const isItem = (value: unknown): boolean => isRecord(value) && isText(value['t']) && isText(value['id']);

/** @throws NotOurs */
export function checkedPush(value: unknown): PushAnswer {
  if (!isAnswer(value)) throw new NotOurs(200);
  const receipts: unknown = value['receipts'];
  if (!Array.isArray(receipts) || !receipts.every(isReceipt)) throw new NotOurs(200);
  return { ...value, receipts };
}

/** @throws NotOurs */
export function checkedPull(value: unknown): PullAnswer {
  if (!isAnswer(value)) throw new NotOurs(200);
  const { items, cursor, more, people, resync } = value;
  const shaped = Array.isArray(items) && items.every(isItem) && (cursor === null || isText(cursor));
  if (!shaped || typeof more !== 'boolean' || !(people === undefined || isRecord(people))) throw new NotOurs(200);
  return { ...value, items, cursor: cursor as string | null, more, resync: resync === true, people: (people ?? {}) as People };
}

/** @throws NotOurs */
export function checkedEnrolment(value: unknown, device_id: string): EnrolAnswer {
  const shaped =
    isRecord(value) &&
    value['device_id'] === device_id &&
    isText(value['epoch']) &&
    areRanges(value['known']) &&
    isCount(value['next_seq']);
  if (!shaped) throw new NotOurs(200);
  return value as unknown as EnrolAnswer;
}

/** How far the server's clock is ahead of this phone's, in milliseconds; null if either makes no sense. */
export function clockOffMs(server_time: string, sent_ms: number, received_ms: number): number | null {
  const server = Date.parse(server_time);
  return Number.isNaN(server) ? null : Math.round(server - (sent_ms + received_ms) / 2);
}
