/**
 * The shapes that screens and state share, and the few answers of the API that state reads itself.
 *
 * Answers for names only; `domain/` owns the shapes of operations, states and views.
 */
import type { Payloads } from '../domain/operation.ts';
import type { Committed, State, View } from '../domain/records.ts';
import type { WeeklyWindow } from '../domain/hours.ts';
import type { PackDocument } from '../rules/model.ts';
import type { PageStatus } from '../storage/records.ts';

export type { Committed, PageStatus, State, View };

export type Role =
  | 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor'
  | 'administrator' | 'prosecutor' | 'evaluator' | 'partner';

/** Who is signed in on this phone. `device_id` is this person's enrolment in this browser profile. */
export interface Me {
  user_id: string;
  login: string;
  name: string;
  role: Role;
  program_id: string;
  agency_id: string | null;
  device_id: string;
}

/** `/api/session` */
export interface SessionAnswer {
  user: {
    id: string;
    login: string;
    name: string;
    role: Role;
    program_id: string;
    agency_id: string | null;
    callback: string | null;
  };
  device_id: string | null;
  expires_at: string;
  /** The program wants a passkey or a code from this person, and there is none yet. */
  second_factor_needed?: boolean;
  demo: boolean;
  epoch: string;
  server_time: string;
}

/** `/api/bootstrap` */
export interface Bootstrap {
  demo: boolean;
  name: string;
  accounts?: DemoAccount[];
}

export interface DemoAccount {
  login: string;
  password: string;
  role: Role;
  program: string;
  name: string;
}

/** `/api/program`: what the phone must know without a network. */
export interface ProgramDocument {
  id: string;
  name: string;
  call_number: string;
  call_name: string;
  time_zone: string;
  languages: string[];
  agencies: { id: string; name: string }[];
  page_minutes: number;
  nobody_after_minutes: number;
  script: { version: string; hash: string; texts: { en: string; es: string } };
  pathways: string[];
  pack: PackDocument | null;
  /** Packs that begin within two weeks. Missing, like the next, in what an older version of the app has stored. */
  coming?: PackDocument[];
  /** Whom to call for an approval that the rules want. */
  approval_numbers?: { [approver in Payloads['approval.add']['by_role']]?: string };
  /** When somebody is on duty; none means always. */
  service_hours?: WeeklyWindow[];
  /** What becomes of an alert outside those hours. */
  after_hours?: { pathway: string; officer_waiting: boolean; behaviour: 'page' | 'next_morning' }[];
  /** Takes text messages. */
  text_number?: string | null;
  /** Packs that the server no longer sends, kept on the phone for drafts that began with them. */
  kept?: PackDocument[];
  sealing_key: { key_id: string; public_key: string; suite: string };
  vapid_public_key: string | null;
  people: { id: string; name: string; role: Role }[];
}

/** The one state word of a record; the sentences are in the dictionaries. */
export type Word = 'draft' | 'saved' | 'sending' | 'received' | 'seen' | 'nobody' | 'attention' | 'not_sent';

/** A referral as this phone can show it: the server's view with the phone's own waiting operations folded in. */
export interface ReferralRecord {
  id: string;
  number: number | null;
  state: State;
  view: View | null;
  pending: Committed[];
  page: PageStatus | null;
  word: Word;
  received_at: string | null;
  attention: { reason: string; detail: string | null } | null;
  /** Fields in which something that this person wrote gave way to somebody else's, until they have seen it. */
  gave_way?: readonly string[];
  mine: boolean;
  made_at: string;
}

export type People = Record<string, { name: string; role: Role }>;

/** What a person did, before it becomes an operation. `saw` names the operations acted upon. */
export interface Act {
  kind: string;
  payload: object;
  saw?: string[];
}

/** A JSON object that belongs to the officer's screens; state only keeps it. */
export type DraftBody = Record<string, unknown>;

export interface Draft<Body extends object = DraftBody> {
  draft_id: string;
  referral_id: string;
  updated_at: string;
  body: Body;
}
