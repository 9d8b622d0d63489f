/**
 * What lies in IndexedDB: the rows of every store, and the versions of the database.
 *
 * Answers for shapes only. Nothing personal is in clear: what a person typed is in a `Sealed` (under the vault key) or
 * in `OutboxRow.blob` (sealed to the server, unreadable to this phone). Ids are random and carry no content.
 */
import type { DBSchema, IDBPDatabase } from 'idb';

export type Bytes = Uint8Array<ArrayBuffer>;

/** AES-256-GCM: a fresh 96-bit IV and the ciphertext with its tag. */
export interface Sealed {
  iv: Bytes;
  ct: Bytes;
}

/** The vault key wrapped by a passphrase; see `unlock.ts`. */
export interface PassphraseWrap extends Sealed {
  kind: 'passphrase';
  salt: Bytes;
  iterations: number;
}
/** The vault key wrapped by the secret that one passkey gives this app (WebAuthn PRF). */
export interface PasskeyWrap extends Sealed {
  kind: 'passkey';
  /** base64url, as the server names it, too. No secret: it says which passkey to ask for. */
  credential_id: string;
}
export type Wrap = PassphraseWrap | PasskeyWrap;

/** One person's enrolment in this browser profile. */
export interface DeviceRow {
  device_id: string;
  user_id: string;
  login: string;
  program_id: string;
  role: string;
  agency_id: string | null;
  /** The sequence number that the next operation takes. */
  next_seq: number;
  /** Empty once the device was wiped: what is left can be sent, never read. */
  wraps: Wrap[];
  public_key: string;
  /** The ECDSA key (PKCS#8) under the vault key. */
  signing: Sealed | null;
  /** Names and roles of the staff that views mention, under the vault key. */
  people: Sealed | null;
  cursor: string | null;
  epoch: string | null;
  former_epochs: string[];
  durable_position: number;
  /** Views written since the last resync carry this number; while `sweeping`, older ones are on their way out. */
  generation: number;
  sweeping: boolean;
  clock_off_ms: number | null;
  created_at: string;
  /** Wrong passphrases in a row. Missing, like the next, in what an older version has stored. */
  wrong_passphrases?: number;
  /** The server found two browser profiles under this id: the next sign-in makes a new one. */
  forked?: boolean;
  /** When the server last took this person's passkey or passphrase on this phone. */
  authenticated_at?: string;
  /** How many answers have been settled: one asked for before the last of them may come from a database that is no more. */
  answers?: number;
}

export interface DraftRow extends Sealed {
  draft_id: string;
  device_id: string;
  updated_at: string;
}

/**
 * waiting: the server does not have it. sent: it has. attention: it has, and a person must look. settled: a person has looked: its
 * author wrote it anew, or a supervisor set it aside; it stays readable.
 */
export type OutboxState = 'waiting' | 'sent' | 'attention' | 'settled';

/** What is kept of a server's receipt. */
export interface StoredReceipt {
  status: string;
  reason: string | null;
  detail: string | null;
  epoch: string;
  /** False when the server could not open the operation, and so could not say what it holds. */
  echoed: boolean;
  number: number | null;
  conflicts: string[];
  /** Who decided, where a supervisor did. */
  by?: string | null;
}

/** A finished operation as it travels, and where it stands. `referral_id` and `prev` are random ids. */
export interface OutboxRow {
  op_id: string;
  device_id: string;
  seq: number;
  referral_id: string;
  prev: string | null;
  program_id: string;
  key_id: string;
  blob: string;
  digest: string;
  /** Bytes that it takes in a request. */
  size: number;
  state: OutboxState;
  position: number | null;
  receipt: StoredReceipt | null;
  attempts: number;
  created_at: string;
  /** When its author wrote it anew. */
  corrected_at?: string;
}

/** A readable copy of one's own operation, until a pull shows its effect. */
export interface CopyRow extends Sealed {
  op_id: string;
  device_id: string;
  seq: number;
}

export interface ViewRow extends Sealed {
  device_id: string;
  referral_id: string;
  generation: number;
}

export interface ProgramRow {
  program_id: string;
  document: unknown;
}

/** An offer that ended without a referral: a count, no person. */
export interface TallyRow {
  id: string;
  device_id: string;
  body: object;
}

/** That the phone's user opened a referral's screen: ids and a time, kept until the server has it. */
export interface OpeningRow {
  id: string;
  device_id: string;
  referral_id: string;
  at: string;
}

/** An acknowledgement tapped on a lock screen without a connection. */
export interface AcknowledgementRow {
  page: string;
  token: string;
}

/**
 * A colleague's record that this phone brings to the server: sealed, as unreadable here as on its author's phone. Named by
 * the hash of its header and blob, so that a copy that somebody altered cannot take the place of the true one.
 */
export interface CarriedRow {
  hash: string;
  /** The phone that wrote it. */
  device_id: string;
  op_id: string;
  seq: number;
  program_id: string;
  key_id: string;
  /** Empty once the server has it. */
  blob: string;
  /** refused: the server could not tell that this phone wrote it. */
  state: 'waiting' | 'taken' | 'refused';
  /** When it came here. */
  at: string;
}

/** Bytes that say nothing and can go: see `reserve.ts`. */
export interface BallastRow {
  id: number;
  bytes: Bytes;
}

export interface SettingRow {
  name: string;
  value: string | number | boolean | null;
}

export interface HandoffSchema extends DBSchema {
  devices: { key: string; value: DeviceRow };
  drafts: { key: string; value: DraftRow; indexes: { by_device: string } };
  outbox: {
    key: string;
    value: OutboxRow;
    indexes: {
      by_device_seq: [string, number];
      by_device_state: [string, OutboxState, number];
      by_device_referral: [string, string, number];
    };
  };
  copies: { key: string; value: CopyRow; indexes: { by_device_seq: [string, number] } };
  views: { key: [string, string]; value: ViewRow };
  programs: { key: string; value: ProgramRow };
  tallies: { key: string; value: TallyRow; indexes: { by_device: string } };
  openings: { key: string; value: OpeningRow; indexes: { by_device: string } };
  acknowledgements: { key: string; value: AcknowledgementRow };
  settings: { key: string; value: SettingRow };
  carried: { key: string; value: CarriedRow; indexes: { by_device: [string, number] } };
  ballast: { key: number; value: BallastRow };
}

export const SCHEMA_VERSION = 3;

/** Every key that begins with `prefix`: an array sorts after every number and string. */
export const startingWith = (...prefix: string[]): IDBKeyRange => IDBKeyRange.bound(prefix, [...prefix, []]);

/** A later version may add stores; it never rewrites an operation. */
export function createStores(database: IDBPDatabase<HandoffSchema>, oldVersion: number): void {
  if (oldVersion < 1) {
    database.createObjectStore('devices', { keyPath: 'device_id' });
    database.createObjectStore('drafts', { keyPath: 'draft_id' }).createIndex('by_device', 'device_id');
    const outbox = database.createObjectStore('outbox', { keyPath: 'op_id' });
    // Unique: the last guard against two operations of a device with one number.
    outbox.createIndex('by_device_seq', ['device_id', 'seq'], { unique: true });
    outbox.createIndex('by_device_state', ['device_id', 'state', 'seq']);
    outbox.createIndex('by_device_referral', ['device_id', 'referral_id', 'seq']);
    database.createObjectStore('copies', { keyPath: 'op_id' }).createIndex('by_device_seq', ['device_id', 'seq']);
    database.createObjectStore('views', { keyPath: ['device_id', 'referral_id'] });
    database.createObjectStore('programs', { keyPath: 'program_id' });
    database.createObjectStore('tallies', { keyPath: 'id' }).createIndex('by_device', 'device_id');
    database.createObjectStore('acknowledgements', { keyPath: 'page' });
    database.createObjectStore('settings', { keyPath: 'name' });
  }
  if (oldVersion < 2) database.createObjectStore('openings', { keyPath: 'id' }).createIndex('by_device', 'device_id');
  if (oldVersion < 3) {
    database.createObjectStore('carried', { keyPath: 'hash' }).createIndex('by_device', ['device_id', 'seq']);
    database.createObjectStore('ballast', { keyPath: 'id' });
  }
}
