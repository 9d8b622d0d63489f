/**
 * The sealed file: what waits on one phone, for another one or a desk to bring to the server. Unreadable to both.
 *
 * JSON, a line each: first what the file is, then the operations as they travel, last the SHA-256 of all bytes before. It is
 * named by its author's device, a random id, and holds nothing that the outbox does not hold in clear. Made by the app, as a
 * file or as squares to scan, and by the page that works when the app does not.
 */
import { hex, text, utf8 } from './bytes.ts';
import type { Bytes, OutboxRow } from './schema.ts';

const FORM = 'handoff-outbox/1';
export const FILE_ENDING = '.whoff';
/** More than a shift writes, and than one file should ask of a colleague's phone. */
export const FILE_LIMIT_RECORDS = 2_000;
export const FILE_LIMIT_BYTES = 8 * 1024 * 1024;
const NAME_CHARACTERS = 8;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An operation as it travels, without the author's device and program, which the whole file shares. */
export interface FiledRecord {
  op_id: string;
  seq: number;
  key_id: string;
  digest: string;
  blob: string;
}

export interface OutboxFile {
  device_id: string;
  program_id: string;
  made_at: string;
  records: FiledRecord[];
}

/** damaged: something is missing or was changed. foreign: no such file at all. newer: of a later version of the app. */
export type Fault = 'damaged' | 'foreign' | 'newer';

export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`The file is ${fault}.`);
    this.fault = fault;
  }
}

const digest = async (content: Bytes): Promise<string> => hex(new Uint8Array(await crypto.subtle.digest('SHA-256', content)));

/** The first `FILE_LIMIT_RECORDS` of the rows, in the order of their numbers. */
export function fileOf(device_id: string, program_id: string, rows: readonly OutboxRow[], made_at: string): OutboxFile {
  const records = rows
    .toSorted((one, other) => one.seq - other.seq)
    .slice(0, FILE_LIMIT_RECORDS)
    .map(({ op_id, seq, key_id, digest: of, blob }) => ({ op_id, seq, key_id, digest: of, blob }));
  return { device_id, program_id, made_at, records };
}

/** Says whose it is to nobody who does not know the device already. */
export const fileName = ({ device_id }: OutboxFile): string => `handoff-outbox-${device_id.slice(0, NAME_CHARACTERS)}${FILE_ENDING}`;

export async function writeFile({ device_id, program_id, made_at, records }: OutboxFile): Promise<Bytes> {
  const head = { form: FORM, device_id, program_id, made_at, count: records.length };
  const body = [head, ...records].map((line) => `${JSON.stringify(line)}\n`).join('');
  return utf8(`${body}${JSON.stringify({ sha256: await digest(utf8(body)) })}\n`);
}

function parsed(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

const isText = (value: unknown): value is string => typeof value === 'string';

function recordOf(line: string): FiledRecord {
  const { op_id, seq, key_id, digest: of, blob } = parsed(line);
  const sound = isText(op_id) && UUID.test(op_id) && Number.isSafeInteger(seq) && isText(key_id) && isText(of) && isText(blob);
  if (!sound) throw new UnreadableFile('damaged');
  return { op_id, seq: seq as number, key_id, digest: of, blob };
}

function headOf(line: string | undefined): { device_id: string; program_id: string; made_at: string; count: unknown } {
  let head: Record<string, unknown> = {};
  try {
    head = parsed(line ?? '');
  } catch {
    // Not one of ours at all.
  }
  const { form, device_id, program_id, made_at, count } = head;
  if (!isText(form) || !form.startsWith('handoff-outbox/')) throw new UnreadableFile('foreign');
  if (form !== FORM) throw new UnreadableFile('newer');
  if (!isText(device_id) || !UUID.test(device_id) || !isText(program_id) || !isText(made_at)) throw new UnreadableFile('damaged');
  return { device_id, program_id, made_at, count };
}

/** @throws UnreadableFile for anything but a whole file as it was written; whoever wrote it, only the server can tell. */
export async function readFile(content: Bytes): Promise<OutboxFile> {
  if (content.length > FILE_LIMIT_BYTES) throw new UnreadableFile('foreign');
  let body: string;
  try {
    body = text(content);
  } catch {
    throw new UnreadableFile('foreign');
  }
  const lines = body.split('\n');
  const { count, ...head } = headOf(lines[0]);
  const last = lines.at(-2) ?? '';
  try {
    const sound = lines.at(-1) === '' && parsed(last)['sha256'] === (await digest(utf8(body.slice(0, -last.length - 1))));
    const records = lines.slice(1, -2).map(recordOf);
    if (!sound || records.length !== count || records.length > FILE_LIMIT_RECORDS) throw new UnreadableFile('damaged');
    return { ...head, records };
  } catch (error) {
    throw error instanceof UnreadableFile ? error : new UnreadableFile('damaged');
  }
}
