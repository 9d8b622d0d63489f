/** What the room of held and rejected operations asks of the server. Reads answers with suspicion and keeps nothing. */
import { call, isRecord, NotOurs } from '../../transport/client.ts';
import type { Adopted, DecidedItem, Quarantined, SealedRecord, UnarrivedEntry } from '../../transport/schema.d.ts';

export type { Adopted, DecidedItem, Quarantined, SealedRecord, UnarrivedEntry };

function checked<T>(answer: unknown, keys: readonly (keyof T & string)[]): T {
  if (!isRecord(answer) || keys.some((key) => answer[key] === undefined)) throw new NotOurs(200);
  return answer as T;
}

// All of them throw Unreachable, NotOurs or Problem.

export const askQuarantine = async (): Promise<Quarantined> =>
  checked<Quarantined>(await call('GET', '/api/quarantine'), ['items', 'by_reason', 'decided']);

export const askUnarrived = async (): Promise<UnarrivedEntry[]> =>
  checked<{ phones: UnarrivedEntry[] }>(await call('GET', '/api/quarantine/unarrived'), ['phones']).phones;

export const adopt = async (items: string[], reason: string): Promise<Adopted> =>
  checked<Adopted>(await call('POST', '/api/quarantine/adopt', { items, reason }), ['items']);

export const dismiss = async (items: string[], reason: string): Promise<void> =>
  void (await call('POST', '/api/quarantine/dismiss', { items, reason }));

export const settleUnarrived = async (device_id: string, count: number, reason: string): Promise<void> =>
  void (await call('POST', '/api/quarantine/unarrived/settle', { device_id, count, reason }));

export const askSealed = async (id: string): Promise<SealedRecord> =>
  checked<SealedRecord>(await call('GET', `/api/quarantine/${id}/sealed`), ['blob']);
