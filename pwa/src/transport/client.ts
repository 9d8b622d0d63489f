/**
 * Asking the server: JSON there and back, and no trust in an HTTP status alone.
 *
 * Three ways to fail. `Unreachable`: no answer in time. `Problem`: our server said no, as problem+json (RFC 9457).
 * `NotOurs`: something answered, but not as our server does (a captive portal's page, an empty or cut-off body): no
 * information at all. Nothing that was sent or received is ever logged.
 */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CallOptions {
  timeout_ms?: number;
  /** Lets the request outlive the page. */
  keepalive?: boolean;
  /** What is asked for where it is no JSON; the answer is then its text. */
  as?: string;
}

const TIMEOUT_MS = 15_000;

export class Unreachable extends Error {
  override readonly name = 'Unreachable';

  constructor() {
    super('There is no connection to the server.');
  }
}

export class NotOurs extends Error {
  override readonly name = 'NotOurs';
  readonly status: number;
  readonly retry_after_s: number | null;

  constructor(status: number, retry_after_s: number | null = null) {
    super('Something else answered in place of the server.');
    this.status = status;
    this.retry_after_s = retry_after_s;
  }
}

export interface FieldError {
  field: string;
  message: string;
}

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** The last part of the problem's type, such as `sign-in-refused`. */
  readonly code: string;
  readonly detail: string;
  readonly errors: readonly FieldError[];
  readonly retry_after_s: number | null;

  constructor(status: number, body: { type: string; title: string; detail: string; errors: FieldError[] }, retry_after_s: number | null) {
    super(body.title);
    this.status = status;
    this.code = body.type.split(/[:/#]/).pop() ?? '';
    this.detail = body.detail;
    this.errors = body.errors;
    this.retry_after_s = retry_after_s;
  }
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const stringOr = (value: unknown, otherwise: string): string => (typeof value === 'string' ? value : otherwise);

/** Seconds from now: the header holds seconds or an HTTP date. */
export function retryAfter(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(response: Response, kind: string, text: string): Problem | NotOurs {
  const wait = retryAfter(response.headers.get('Retry-After'), Date.now());
  const body = kind === 'application/problem+json' ? parsed(text) : undefined;
  if (!isRecord(body) || body['status'] !== response.status) return new NotOurs(response.status, wait);
  const errors = (Array.isArray(body['errors']) ? body['errors'] : []).filter(isRecord).map((error) => ({
    field: stringOr(error['field'], ''),
    message: stringOr(error['message'], ''),
  }));
  const type = stringOr(body['type'], 'about:blank');
  const title = stringOr(body['title'], '');
  return new Problem(response.status, { type, title, detail: stringOr(body['detail'], ''), errors }, wait);
}

type Prover = () => Promise<boolean>;
let prover: Prover | null = null;
let proving: Promise<boolean> | null = null;

/** Who asks the person for a proof when the server wants a fresh one; true once the server has taken it. */
export function onProofNeeded(prove: Prover): void {
  prover = prove;
}

/** Several calls that are refused together ask once. */
function proofGiven(): Promise<boolean> {
  proving ??= (prover?.() ?? Promise.resolve(false)).finally(() => {
    proving = null;
  });
  return proving;
}

/**
 * Sends a request to our own server and returns the JSON object or array of its answer (undefined for 204). Where the server
 * wants a fresh proof of who asks, the person is asked for one and the request is sent once more.
 *
 * @throws Unreachable, NotOurs, Problem
 */
export async function call(method: Method, path: string, body?: unknown, options: CallOptions = {}): Promise<unknown> {
  try {
    return await send(method, path, body, options);
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'proof-needed' || !(await proofGiven())) throw error;
    return send(method, path, body, options);
  }
}

async function send(method: Method, path: string, body: unknown, options: CallOptions): Promise<unknown> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), options.timeout_ms ?? TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method,
      headers: { Accept: 'application/json', 'X-Handoff': '1', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      credentials: 'same-origin',
      cache: 'no-store',
      // A captive portal sends elsewhere; our server never does.
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      keepalive: options.keepalive ?? false,
      signal: abort.signal,
    });
    const text = await response.text();
    const kind = (response.headers.get('Content-Type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (!response.ok) throw refusal(response, kind, text);
    if (response.status === 204) return undefined;
    if (kind === options.as) return text;
    const answer = kind === 'application/json' ? parsed(text) : undefined;
    if (typeof answer !== 'object' || answer === null) throw new NotOurs(response.status);
    return answer;
  } catch (error) {
    if (error instanceof Problem || error instanceof NotOurs) throw error;
    throw new Unreachable();
  } finally {
    clearTimeout(timer);
  }
}
