/**
 * The push loop: what waits on this phone goes to the server, from a page (locked or not) or from the service worker.
 *
 * It needs the device's cookie and no vault. The batch begins with one operation, doubles while the link carries it and
 * halves when it does not. No answer, however bad, removes anything: see `settle.ts` for the one that moves a row.
 */
import { listDevices, readDevice } from '../storage/devices.ts';
import type { Database } from '../storage/database.ts';
import { ifNobodyElse } from '../storage/locks.ts';
import { countOutbox, nextBatch } from '../storage/outbox.ts';
import type { DeviceRow, OutboxRow } from '../storage/schema.ts';
import { wipeDevice } from '../storage/server_word.ts';
import { tell } from './broadcast.ts';
import { call, NotOurs, Problem } from './client.ts';
import { BATCH_BYTES, BATCH_OPERATIONS, PROTOCOL, checkedPush, clockOffMs, type PushAnswer, type PushRequest } from './protocol.ts';
import { newMemory, settlePush, type RunMemory } from './settle.ts';
import { sendTallies } from './tallies.ts';

/**
 * empty: nothing waits. waiting: the server answered and some operations still wait. later: it asked for patience.
 * offline: no answer that counts. sign_in: the device must be enrolled again; all is kept. busy: another tab is at it.
 */
export type FlushOutcome = 'empty' | 'waiting' | 'later' | 'offline' | 'sign_in' | 'busy';

export interface FlushResult {
  device_id: string;
  outcome: FlushOutcome;
  /** Operations that got a receipt in this run, and those among the waiting that a person must look at. */
  sent: number;
  attention: number;
  waiting: number;
  /** Epoch milliseconds from which another run may achieve more; null: at any time. */
  retry_at: number | null;
  /** The server does not hold the key that something was sealed to. */
  sealing_key_unknown: boolean;
  wiped: boolean;
}

export interface FlushOptions {
  /** The app's version, for the server's list of devices. */
  app: string;
  /** A person asked: do not wait for the back-off. What the server asked for is still honoured. */
  force?: boolean;
  /** Speak to the server even with nothing to send: a revocation is then learnt of. */
  greet?: boolean;
}

interface Pace {
  size: number;
  failures: number;
  not_before: number;
  /** The server named the wait itself. */
  told: boolean;
  /** Single operations that it wants to see later, and when; they delay no other. */
  later: Map<string, number>;
  /** When the last of these waits began. A clock that stands before that was turned back: they could last for years. */
  begun: number;
}

const TIMEOUT_MS = 30_000;
const BACKOFF_FIRST_MS = 2_000;
const BACKOFF_LIMIT_MS = 60_000;
/** A run that has not ended after this many requests leaves the rest to the next one. */
const ROUNDS = 500;
const SIGN_IN = new Set([401, 403, 404]);
/** Operations that a server in good health may crash on, one after another, before it counts as down. */
const CRASHES = 3;

const paces = new Map<string, Pace>();

const paceOf = (device_id: string): Pace => {
  const pace = paces.get(device_id) ?? { size: 1, failures: 0, not_before: 0, told: false, later: new Map(), begun: 0 };
  paces.set(device_id, pace);
  return pace;
};

const earliest = (times: Map<string, number>): number | undefined => [...times.values()].toSorted((one, other) => one - other)[0];

/** Sends what waits for one device. Never throws for what the network or the server does. */
export async function flush(database: Database, device_id: string, options: FlushOptions): Promise<FlushResult> {
  const pace = paceOf(device_id);
  const memory = newMemory();
  if (Date.now() < pace.begun) Object.assign(pace, { not_before: 0, later: new Map(), begun: 0 });
  for (const [op_id, at] of pace.later) {
    if (at > Date.now()) memory.passOver.add(op_id);
    else pace.later.delete(op_id);
  }
  let wiped = false;
  const result = async (outcome: FlushOutcome): Promise<FlushResult> => {
    const { waiting } = await countOutbox(database, device_id);
    const { sent, attention, sealing_key_unknown } = memory;
    const retry_at = pace.not_before > Date.now() ? pace.not_before : (earliest(pace.later) ?? null);
    return { device_id, outcome, sent, attention, waiting, retry_at, sealing_key_unknown, wiped };
  };
  if (pace.not_before > Date.now() && (pace.told || options.force !== true)) return result('later');

  for (;;) {
    const outcome = await ifNobodyElse(`handoff-flush-${device_id}`, async () => {
      const run = await pushAll(database, device_id, options, pace, memory);
      wiped ||= run.wiped;
      return run.outcome;
    });
    if (outcome === null) return result('busy');
    // Somebody may have finished an operation, and found the lock taken, while the last request was on its way.
    const more = await nextBatch(database, device_id, { operations: 1, bytes: BATCH_BYTES }, memory.passOver);
    if (outcome === 'empty' && more.length > 0) continue;
    const done = await result(outcome === 'empty' && (await countOutbox(database, device_id)).waiting > 0 ? 'waiting' : outcome);
    tell({ type: 'flushed', result: done });
    return done;
  }
}

/** Sends what waits for every device of this browser profile, and the counts of declined offers. */
export async function flushAll(database: Database, options: FlushOptions): Promise<FlushResult[]> {
  const results: FlushResult[] = [];
  for (const { device_id } of await listDevices(database)) {
    results.push(await flush(database, device_id, options));
    await sendTallies(database, device_id);
  }
  return results;
}

async function pushAll(
  database: Database,
  device_id: string,
  options: FlushOptions,
  pace: Pace,
  memory: RunMemory,
): Promise<{ outcome: FlushOutcome; wiped: boolean }> {
  let wiped = false;
  for (let round = 0; round < ROUNDS; round += 1) {
    const device = await readDevice(database, device_id);
    if (device === undefined) return { outcome: 'empty', wiped };
    const limits = { operations: pace.size, bytes: BATCH_BYTES };
    const batch = await nextBatch(database, device_id, limits, memory.passOver);
    if (batch.length === 0 && !(options.greet === true && round === 0)) break;
    let answer: PushAnswer;
    const sent_ms = Date.now();
    try {
      tell({ type: 'sending', device_id, op_ids: batch.map(({ op_id }) => op_id) });
      const request = await pushRequest(database, device, batch, memory, options.app);
      answer = checkedPush(await call('POST', '/api/sync/push', request, { timeout_ms: TIMEOUT_MS }));
    } catch (error) {
      const stop = afterFailure(error, batch, pace, memory);
      tell({ type: 'outbox', device_id });
      if (stop !== null) return { outcome: stop, wiped };
      continue;
    }
    const clock = clockOffMs(answer.server_time, sent_ms, Date.now());
    const epoch = await settlePush(database, device, batch, answer, clock, memory);
    if (epoch === 'former') {
      backOff(pace);
      return { outcome: 'offline', wiped };
    }
    pace.failures = 0;
    pace.not_before = 0;
    if (epoch === 'same') pace.size = Math.min(BATCH_OPERATIONS, pace.size * 2);
    if (answer.wipe === true && device.wraps.length > 0) {
      await wipeDevice(database, device_id);
      wiped = true;
      tell({ type: 'wiped', device_id });
    }
    tell({ type: 'outbox', device_id });
  }
  for (const [op_id, seconds] of memory.later) pace.later.set(op_id, begin(pace) + seconds * 1000);
  const device = await readDevice(database, device_id);
  // Everything is taken; a new enrolment, which takes a sign-in, keeps the two profiles apart.
  return { outcome: device?.forked && device.wraps.length > 0 ? 'sign_in' : 'empty', wiped };
}

async function pushRequest(
  database: Database,
  device: DeviceRow,
  batch: OutboxRow[],
  memory: RunMemory,
  app: string,
): Promise<PushRequest> {
  const { waiting, oldest_waiting_at } = await countOutbox(database, device.device_id);
  return {
    protocol: PROTOCOL,
    epoch: device.epoch,
    device_id: device.device_id,
    device: { pending: waiting, oldest_pending_at: oldest_waiting_at, app, written: device.next_seq - 1 },
    lost: [...memory.lost],
    operations: batch.map(({ op_id, device_id, seq, program_id, key_id, blob }) => ({
      op_id,
      device_id,
      seq,
      program_id,
      key_id,
      blob,
    })),
  };
}

/** What a failed request means for this run: the outcome to stop with, or null to go on with less. */
function afterFailure(error: unknown, batch: OutboxRow[], pace: Pace, memory: RunMemory): FlushOutcome | null {
  const alone = pace.size === 1 || batch.length <= 1;
  pace.size = Math.max(1, Math.floor(Math.min(pace.size, batch.length) / 2));
  if (error instanceof Problem || error instanceof NotOurs) {
    const patience = error.retry_after_s ?? (error.status === 429 || error.status === 503 ? 0 : null);
    if (patience !== null) {
      if (patience > 0) wait(pace, patience);
      else backOff(pace);
      return 'later';
    }
  }
  if (error instanceof Problem && SIGN_IN.has(error.status)) return 'sign_in';
  // Too large or not understood: one at a time finds the culprit, which then delays nobody else.
  if ((error instanceof Problem && error.status < 500) || (error instanceof NotOurs && error.status === 413)) {
    if (alone) batch.forEach(({ op_id }) => memory.passOver.add(op_id));
    return batch.length === 0 ? 'offline' : null;
  }
  if (!alone) return null;
  backOff(pace);
  // Our own server failed on this very operation: the others shall not wait for it.
  if (error instanceof Problem && error.status === 500 && pace.failures < CRASHES) {
    batch.forEach(({ op_id }) => memory.passOver.add(op_id));
    return batch.length === 0 ? 'offline' : null;
  }
  return 'offline';
}

/** A wait begins; returns when, which is now. */
function begin(pace: Pace): number {
  pace.begun = Date.now();
  return pace.begun;
}

function wait(pace: Pace, seconds: number): void {
  pace.not_before = begin(pace) + seconds * 1000;
  pace.told = true;
}

/** Doubles up to a minute; the random half keeps a county's phones from returning all at once after an outage. */
function backOff(pace: Pace): void {
  pace.failures += 1;
  const limit = Math.min(BACKOFF_LIMIT_MS, BACKOFF_FIRST_MS * 2 ** (pace.failures - 1));
  pace.not_before = begin(pace) + limit / 2 + (Math.random() * limit) / 2;
  pace.told = false;
}
