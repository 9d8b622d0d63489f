/**
 * For tests: a server over real HTTP that opens what it is sent and answers as ours does, and that can be told to fail.
 *
 * It keeps operations by id, knows a position for each, answers `missing_prev`, can be copied and restored, and serves
 * a feed of the items it is given. `failures` are used up one per request, before or after the work is done.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Envelope } from '../domain/operation.ts';
import type { FeedItem } from '../storage/feed.ts';
import { sealingPair, type SealingPair } from '../storage/testing.ts';
import type { PushRequest, Receipt, SealedOperation } from './protocol.ts';

export interface Reply {
  status?: number;
  type?: string;
  body: string;
  headers?: Record<string, string>;
}

/** before: nothing was done. lost: it was done, and the answer never arrived. changed: the answer is altered. */
export type Failure = { before: Reply } | { lost: true } | { changed: (answer: Record<string, unknown>) => unknown };

interface Stored {
  digest: string;
  device_id: string;
  seq: number;
  receipt: Receipt;
  state: string;
}

export const problem = (status: number, code: string, headers: Record<string, string> = {}): Reply => ({
  status,
  type: 'application/problem+json',
  body: JSON.stringify({ type: `urn:handoff:problem:${code}`, title: code, status, detail: 'What to do.' }),
  headers,
});

const ranges = (numbers: number[]): [number, number][] =>
  numbers
    .toSorted((one, other) => one - other)
    .reduce<[number, number][]>((spans, number) => {
      const last = spans.at(-1);
      if (last !== undefined && last[1] === number - 1) last[1] = number;
      else spans.push([number, number]);
      return spans;
    }, []);

export class TestServer {
  origin = '';
  epoch = 'epoch-1';
  head = 0;
  durable_position = 0;
  operations = new Map<string, Stored>();
  items: { position: number; item: FeedItem }[] = [];
  people: Record<string, { name: string; role: string }> = {};
  failures: Failure[] = [];
  /** What an operation gets in place of `applied`. */
  answers = new Map<string, Partial<Receipt>>();
  wipe = false;
  /** The request bodies, by path. */
  asked: { path: string; body: Record<string, unknown>; headers: IncomingMessage['headers'] }[] = [];
  readonly pair: SealingPair;
  readonly #server: Server;

  constructor(pair: SealingPair) {
    this.pair = pair;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<TestServer> {
    const server = new TestServer(await sealingPair());
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    server.origin = `http://127.0.0.1:${(server.#server.address() as AddressInfo).port}`;
    return server;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A backup: the operations and the head as they are now. */
  copy(): () => void {
    const { head, operations, items } = this;
    const kept = { head, operations: new Map(operations), items: [...items] };
    return () => Object.assign(this, kept);
  }

  pushes(): PushRequest[] {
    return this.asked.filter(({ path }) => path === '/api/sync/push').map(({ body }) => body as unknown as PushRequest);
  }

  known(device_id: string, up_to = Infinity): [number, number][] {
    const held = [...this.operations.values()].filter(({ receipt }) => (receipt.position ?? 0) <= up_to);
    return ranges(held.filter((one) => one.device_id === device_id).map(({ seq }) => seq));
  }

  #held(device_id: string): object {
    const known = { [device_id]: this.known(device_id) };
    const durable = { [device_id]: this.known(device_id, this.durable_position) };
    return { head: this.head, known, durable };
  }

  give(item: FeedItem): number {
    this.head += 1;
    this.items = [...this.items.filter((one) => one.item.t !== item.t || one.item.id !== item.id), { position: this.head, item }];
    return this.head;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const text = Buffer.concat(parts).toString();
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    const path = request.url ?? '';
    this.asked.push({ path, body, headers: request.headers });
    const failure = this.failures.shift();
    if (failure !== undefined && 'before' in failure) return send(response, failure.before);
    const answer = await this.#answer(path, body);
    if (failure !== undefined && 'lost' in failure) return void request.socket.destroy();
    const shown = failure === undefined ? answer : failure.changed(answer);
    send(response, { status: 200, type: 'application/json', body: typeof shown === 'string' ? shown : JSON.stringify(shown) });
  }

  async #answer(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const device_id = body['device_id'] as string;
    const word = { protocol: 1, epoch: this.epoch, server_time: '2026-04-30T02:15:00Z', durable_position: this.durable_position };
    if (path === '/api/sync/push') {
      const request = body as unknown as PushRequest;
      const receipts: Receipt[] = [];
      for (const sealed of request.operations) receipts.push(await this.#receive(sealed, request.lost));
      return { ...word, ...this.#held(device_id), receipts, ...(this.wipe ? { wipe: true } : {}) };
    }
    if (path === '/api/sync/pull') {
      return { ...word, ...this.#page(body), ...this.#held(device_id), people: this.people };
    }
    if (path === '/api/sync/tally') return { accepted: (body['tallies'] as { id: string }[]).map(({ id }) => id) };
    if (path === '/api/devices') {
      const known = this.known(device_id);
      return { device_id, epoch: this.epoch, known, next_seq: (known.at(-1)?.[1] ?? 0) + 1 };
    }
    return { result: 'acknowledged', by: 'Somebody' };
  }

  async #receive(sealed: SealedOperation, lost: string[]): Promise<Receipt> {
    const operation = (await this.pair.open(sealed, sealed.blob)) as Envelope;
    const receipt: Receipt = {
      op_id: operation.op_id, digest: operation.digest, epoch: this.epoch, status: 'applied', reason: null, detail: null,
      position: null, number: 4821, conflicts: [], first: null, retry_after_s: null,
    };
    const earlier = this.operations.get(operation.op_id);
    if (earlier !== undefined) return { ...receipt, status: 'duplicate', number: null, first: earlier.receipt, state: earlier.state };
    const { prev } = operation;
    if (prev !== null && !this.operations.has(prev) && !lost.includes(prev)) {
      return { ...receipt, status: 'retry', reason: 'missing_prev', detail: prev, number: null };
    }
    const told = { ...receipt, ...this.answers.get(operation.op_id) };
    if (told.status === 'retry' || told.digest === null) return told;
    this.head += 1;
    const first = { ...told, position: this.head };
    const { device_id, seq, digest } = operation;
    this.operations.set(operation.op_id, { digest, device_id, seq, receipt: first, state: first.status });
    return first;
  }

  #page(body: Record<string, unknown>): object {
    const asked = body['cursor'] as string | null;
    const [epoch, from] = asked === null ? [this.epoch, '0'] : (asked.split(':') as [string, string]);
    if (epoch !== this.epoch || Number(from) > this.head) {
      return { items: [], cursor: null, more: true, resync: true };
    }
    const limit = Math.min(body['limit'] as number, 3);
    const due = this.items.filter(({ position }) => position > Number(from)).toSorted((one, other) => one.position - other.position);
    const page = due.slice(0, limit);
    const more = due.length > page.length;
    const to = more ? page.at(-1)!.position : this.head;
    return { items: page.map(({ item }) => item), cursor: `${this.epoch}:${to}`, more, resync: false };
  }
}

function send(response: ServerResponse, { status = 200, type = 'text/html', body, headers = {} }: Reply): void {
  response.writeHead(status, { 'Content-Type': type, Connection: 'close', ...headers });
  response.end(body);
}

const realFetch = globalThis.fetch;

/** `fetch` as a page of this server has it: relative addresses are the server's. */
export const fetchFrom =
  (server: TestServer): typeof fetch =>
  (input, init) =>
    realFetch(new URL(input as string, server.origin), init);
