/** Generated from the server's models by `make types`. Do not edit: `make lint` compares. */

/** `already` where somebody else was first; `by` is who has it. */
export interface Acknowledged {
  result: 'acknowledged' | 'already';
  by: string;
}

export interface AgencyEntry {
  id: string;
  name: string;
}

export interface Author {
  id: string;
  name: string;
  role: string;
}

/** What the first screen needs before anybody has signed in; `accounts` only in the demo. */
export interface BootstrapDocument {
  demo: boolean;
  name: string;
  accounts?: DemoAccount[] | null;
}

export interface Created {
  login: string;
}

export interface DemoAccount {
  login: string;
  password: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  program: string;
  name: string;
}

/** One of a person's devices. */
export interface DeviceEntry {
  device_id: string;
  label: string;
  state: string;
  created_at: string;
  seen_at: string;
  /** What the phone last said still waits on it. */
  pending: number;
  this: boolean;
}

export interface DeviceList {
  devices: DeviceEntry[];
}

/** What the phone says of itself: how many operations wait, since when, and its build. */
export interface DeviceReport {
  pending: number;
  oldest_pending_at: string | null;
  app: string;
}

export interface EndpointBody {
  endpoint: string;
}

/** The device that this browser profile has made for itself: its id and the key that will sign its operations. */
export interface EnrolRequest {
  device_id: string;
  public_key: string;
  label?: string;
}

/** What the server knows of the device; `next_seq` is the first number it has not seen. */
export interface Enrolled {
  device_id: string;
  epoch: string;
  known: [number, number][];
  next_seq: number;
}

/** What the page sends. */
export interface FirstAdministrator {
  token: string;
  program_id: string;
  login: string;
  name: string;
  password: string;
}

export interface Health {
  status: string;
}

/** One thing that somebody did; `groups` says what it touched. */
export interface HistoryEntry {
  op_id: string;
  kind: string;
  by: Author;
  at: string;
  received_at: string;
  groups: string[];
}

/** What a check found. `hash` is None where the text is no sound pack. `changes` are sentences: what the pack says otherwise than the one in force, and for whom the outcome changes. */
export interface PackCheck {
  problems: PackProblem[];
  hash: string | null;
  changes: string[];
}

/** A rule pack as phones evaluate it. */
export interface PackDocument {
  hash: string;
  document: Record<string, unknown>;
}

/** A pack to be checked, and the language in which its changes are told. */
export interface PackDraft {
  text: string;
  language?: 'en' | 'es';
}

/** One pack in a program's list. `installed_by` is the administrator's name, None for the command line. */
export interface PackEntry {
  hash: string;
  version: string;
  effective_from: string;
  effective_until: string | null;
  official: boolean;
  source: string;
  state: 'in_force' | 'coming' | 'past' | 'withdrawn';
  shipped: boolean;
  installed_by: string | null;
  installed_at: string | null;
  withdrawn_at: string | null;
  withdrawn_reason: string | null;
}

export interface PackInstalled {
  hash: string;
}

/** Every pack that the program has or had, the newest first. */
export interface PackList {
  in_force: string | null;
  packs: PackEntry[];
}

/** One thing that keeps a pack from being installed; `line` is None where it concerns the whole. */
export interface PackProblem {
  line: number | null;
  what: string;
  next_step: string;
}

/** A pack as it is written, in YAML. */
export interface PackText {
  text: string;
}

export interface Person {
  name: string;
  role: string;
}

export interface PersonEntry {
  id: string;
  name: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
}

/** What a phone keeps of its program, for use without a network; `coming` are packs that begin within two weeks. */
export interface ProgramDocument {
  id: string;
  name: string;
  call_number: string;
  call_name: string;
  time_zone: string;
  languages: ('en' | 'es')[];
  agencies: AgencyEntry[];
  page_minutes: number;
  nobody_after_minutes: number;
  script: Script;
  pathways: ('arrest_diversion' | 'social_contact' | 'community')[];
  pack: PackDocument | null;
  coming: PackDocument[];
  approval_numbers: Record<string, string>;
  sealing_key: SealingKeyDocument;
  vapid_public_key: string;
  people: PersonEntry[];
}

/** `items` are put, drop, page or op; see the feed. */
export interface PullAnswer {
  protocol: number;
  epoch: string;
  server_time: string;
  head: number;
  durable_position: number;
  known: Record<string, number[][]>;
  resync: boolean;
  more: boolean;
  cursor: string;
  people: Record<string, Person>;
  items: Record<string, unknown>[];
}

/** What changed since the cursor (None: everything). */
export interface PullRequest {
  protocol: 1;
  epoch: string | null;
  cursor: string | null;
  limit: number;
  device_id: string | null;
}

/** Receipts, and where the server stands: its epoch, head, durable position and what it knows of the device. */
export interface PushAnswer {
  protocol: number;
  epoch: string;
  server_time: string;
  head: number;
  durable_position: number;
  known: Record<string, number[][]>;
  receipts: Receipt[];
  wipe: boolean;
}

/** The browser's encryption key and secret (RFC 8291). */
export interface PushKeys {
  p256dh: string;
  auth: string;
}

/** A batch in the order of the phone's sequence. `lost` names earlier operations that the phone no longer has. */
export interface PushRequest {
  protocol: 1;
  epoch: string | null;
  device_id: string;
  device: DeviceReport;
  lost: string[];
  operations: Record<string, unknown>[];
}

export interface Queue {
  sentences: Sentence[];
  unacknowledged: number;
  oldest_opened_at: string | null;
}

export interface Queued {
  devices: number;
}

/** Each check by name, `ok` or what is wrong. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
}

/** The server's answer for one operation. `first` is the first receipt, where this is a duplicate. */
export interface Receipt {
  op_id: string;
  digest: string | null;
  epoch: string;
  status: 'applied' | 'merged' | 'duplicate' | 'held' | 'rejected' | 'retry';
  reason: string | null;
  detail: string | null;
  position: number | null;
  number: number | null;
  conflicts: string[];
  first: Record<string, unknown> | null;
  state: string | null;
  retry_after_s: number | null;
}

export interface Registered {
  new: boolean;
}

/** The consent script in force; `hash` covers the version and both texts. */
export interface Script {
  version: string;
  hash: string;
  texts: Texts;
}

/** The key that operations are sealed to: a raw P-256 point in base64url. */
export interface SealingKeyDocument {
  key_id: string;
  public_key: string;
  suite: string;
}

/** Something that is wrong right now, for the screen's dictionary to say. */
export interface Sentence {
  code: 'overdue' | 'no_worker' | 'nobody_subscribed' | 'held';
  values: Record<string, number>;
}

/** Who is signed in, until when at the latest, and the server's epoch and time. */
export interface SessionDocument {
  user: SessionUser;
  device_id: string | null;
  expires_at: string;
  demo: boolean;
  epoch: string;
  server_time: string;
}

export interface SessionUser {
  id: string;
  login: string;
  name: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  program_id: string;
  agency_id: string | null;
  callback: string;
}

/** A login and its passphrase; the device that this browser profile has for the person, if any. */
export interface SignInRequest {
  login: string;
  password: string;
  device_id?: string | null;
}

/** A browser's push subscription on one enrolled device. */
export interface SubscriptionBody {
  device_id: string;
  endpoint: string;
  keys: PushKeys;
}

/** The ids that are counted now; the phone forgets them. */
export interface TallyAnswer {
  accepted: string[];
}

/** An offer that ended without a referral: a count and nothing that names anybody. */
export interface TallyEntry {
  id: string;
  agency_id: string | null;
  month: string;
  pathway: 'arrest_diversion' | 'social_contact';
  answer: 'declined' | 'walked_away';
  reason: string | null;
  demographics: Record<string, string>;
}

/** Tallies of one phone; each id is random and counted once. */
export interface TallyRequest {
  protocol: 1;
  device_id: string;
  tallies: TallyEntry[];
}

/** The words that are read aloud or handed over. */
export interface Texts {
  en: string;
  es: string;
}

/** The one-time token that came with the page. */
export interface TokenBody {
  token: string;
}

/** Why a pack is taken back; those who read the list see it. */
export interface Withdrawal {
  reason: string;
}
