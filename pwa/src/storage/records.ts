/**
 * What a person may read on the phone: views from the server, copies of their own operations, the names of staff.
 *
 * Answers for opening them. What does not open is counted, never left out in silence. Writing views is `feed.ts`'s
 * affair, writing copies `commit.ts`'s.
 */
import type { Envelope } from '../domain/operation.ts';
import type { View } from '../domain/records.ts';
import { Undecryptable } from './cipher.ts';
import { copyData } from './commit.ts';
import type { Database } from './database.ts';
import { startingWith, type OutboxState, type Sealed, type StoredReceipt } from './schema.ts';
import type { OpenVault } from './vault.ts';

/** Where a page stands, as the feed tells it. */
export interface PageStatus {
  state: 'open' | 'acknowledged' | 'closed';
  opened_at: string;
  step: number;
  next_step_at: string | null;
  acknowledged_by: string | null;
  eta_at: string | null;
  ack_expires_at: string | null;
  /**
   * Whom the present call goes to. `nobody`: it could reach no one; `morning`: nobody is called before `until`; `given`: a
   * supervisor gave it to the one who is called; `coordinator` is what an older server said.
   */
  calling: 'on_call' | 'deputy' | 'lead' | 'coordinators' | 'supervisors' | 'everyone' | 'nobody' | 'morning' | 'given' | 'coordinator';
  /** Missing, like the next three, in what an older version has stored. */
  officer_waiting?: boolean;
  /** Whom the last call went to. */
  called?: string[];
  /** When the service opens, for `morning`. */
  until?: string | null;
  /** The officer left the card and drove on. */
  left?: { reason: string; at: string } | null;
}

/** What a view row holds under the vault. `view` is null while only the page is known. */
export interface ViewContent {
  view: View | null;
  number: number | null;
  received_at: string | null;
  page: PageStatus | null;
  /** Fields in which something that this person wrote gave way, until they have seen it. Missing in what an older version has stored. */
  gave_way?: string[];
}

export interface ViewRecord extends ViewContent {
  referral_id: string;
}

/** One's own operation and where it stands; `state` is `gone` once a verified backup of the server holds it. */
export interface OwnOperation {
  operation: Envelope;
  state: OutboxState | 'gone';
  receipt: StoredReceipt | null;
}

export type People = Record<string, { name: string; role: string }>;

export const viewData = (referral_id: string, device_id: string): string => `view|${referral_id}|${device_id}`;
export const peopleData = (device_id: string): string => `people|${device_id}`;

/** The content, or undefined where it does not open. */
export async function opened<T>(vault: OpenVault, aad: string, sealed: Sealed): Promise<T | undefined> {
  try {
    return (await vault.decrypt(aad, sealed)) as T;
  } catch (error) {
    if (error instanceof Undecryptable) return undefined;
    throw error;
  }
}

/** The views of the vault's device. */
export async function readViews(
  database: Database,
  vault: OpenVault,
): Promise<{ views: ViewRecord[]; unreadable: number }> {
  const { device_id } = vault;
  const rows = await database.read(['views'], (transaction) =>
    transaction.objectStore('views').getAll(startingWith(device_id)),
  );
  const contents = await Promise.all(
    rows.map((row) => opened<ViewContent>(vault, viewData(row.referral_id, device_id), row)),
  );
  const views = rows.flatMap(({ referral_id }, index) => {
    const content = contents[index];
    return content === undefined ? [] : [{ referral_id, ...content }];
  });
  return { views, unreadable: rows.length - views.length };
}

/** One's own operations that the views may not show yet, in the order they were made. */
export async function readCopies(
  database: Database,
  vault: OpenVault,
): Promise<{ operations: OwnOperation[]; unreadable: number }> {
  const { device_id } = vault;
  const rows = await database.read(['copies', 'outbox'], async (transaction) => {
    const copies = await transaction.objectStore('copies').index('by_device_seq').getAll(startingWith(device_id));
    const outbox = transaction.objectStore('outbox');
    return Promise.all(copies.map(async (copy) => ({ copy, row: await outbox.get(copy.op_id) })));
  });
  const envelopes = await Promise.all(
    rows.map(({ copy }) => opened<Envelope>(vault, copyData(copy.op_id, device_id), copy)),
  );
  const operations = rows.flatMap(({ row }, index): OwnOperation[] => {
    const operation = envelopes[index];
    return operation === undefined ? [] : [{ operation, state: row?.state ?? 'gone', receipt: row?.receipt ?? null }];
  });
  return { operations, unreadable: rows.length - operations.length };
}

/** Names and roles of the staff that the views mention (`unreadable` is 1 where they do not open), and what was measured of the clock. */
export async function readPeople(
  database: Database,
  vault: OpenVault,
): Promise<{ people: People; unreadable: number; clock_off_ms: number | null }> {
  const device = await database.read(['devices'], (transaction) => transaction.objectStore('devices').get(vault.device_id));
  const clock_off_ms = device?.clock_off_ms ?? null;
  if (device === undefined || device.people === null) return { people: {}, unreadable: 0, clock_off_ms };
  const people = await opened<People>(vault, peopleData(vault.device_id), device.people);
  return people === undefined ? { people: {}, unreadable: 1, clock_off_ms } : { people, unreadable: 0, clock_off_ms };
}
