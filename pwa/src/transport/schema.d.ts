/** Generated from the server's models by `make types`. Do not edit: `make lint` compares. */

/** `already` where somebody else was first; `by` is who has it. */
export interface Acknowledged {
  result: 'acknowledged' | 'already';
  by: string;
}

export interface Added {
  id: string;
}

/** What the program's policies say of a page that comes outside its service hours. */
export interface AfterHoursEntry {
  pathway: 'arrest_diversion' | 'social_contact' | 'community';
  officer_waiting: boolean;
  behaviour: 'page' | 'next_morning';
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

/** What somebody wishes; which of the rest is needed or allowed follows from `kind`. `cover`: `to_user_id` comes for `user_id`. `hand_over`: so from now until the end of the present span. `swap`: each comes for the other, in start..end and in with_start..with_end. `add`, `only`, `off`: `user_id` is on duty as well, alone, or not. */
export interface ChangeBody {
  kind: 'cover' | 'swap' | 'hand_over' | 'add' | 'only' | 'off';
  level: 'on_call' | 'deputy' | 'lead';
  user_id?: string | null;
  to_user_id?: string | null;
  start?: string | null;
  end?: string | null;
  with_start?: string | null;
  with_end?: string | null;
}

/** As `api.rota.model.Change`: `user_id` goes, `to_user_id` comes. A swap is two of them. */
export interface ChangeDocument {
  start: string;
  end: string;
  id: string;
  level: 'on_call' | 'deputy' | 'lead';
  kind: 'add' | 'instead' | 'only';
  user_id: string | null;
  to_user_id: string | null;
  swap_id: string | null;
  state: 'proposed' | 'accepted';
  asked_of: string | null;
  made_by: string;
  made_at: string;
}

/** A swap has two ids; any of them stands for both. `proposed`: somebody has to agree, and until then nothing changes. */
export interface ChangeMade {
  ids: string[];
  state: 'proposed' | 'accepted' | 'declined' | 'withdrawn';
}

export interface Code {
  code: string;
}

/** Somebody who may be put on duty. `reachable`: has an address that a page can be sent to. */
export interface ColleagueDocument {
  id: string;
  name: string;
  role: string;
  callback: string;
  reachable: boolean;
}

export interface Contact {
  id: string;
  channel: string;
  address: string;
  verified_at: string | null;
  last_ok_at: string | null;
  disabled_at: string | null;
  reason: string;
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

export interface LastTest {
  sent_at: string | null;
  seen_at: string | null;
}

/** One level. Where there is no rule there is no gap either: paging then calls everybody, or nobody of that level. */
export interface LevelDocument {
  level: 'on_call' | 'deputy' | 'lead';
  spans: SpanDocument[];
  gaps: Stretch[];
  overlaps: OverlapDocument[];
  rules: WeeklyRule[];
}

export interface NewContact {
  channel: 'sms' | 'voice' | 'email';
  address: string;
  language: 'en' | 'es';
}

export interface OverlapDocument {
  start: string;
  end: string;
  user_ids: string[];
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

/** The page as it stands. `calls`: how often it has called so far. */
export interface PageNow {
  state: string;
  opened_at: string;
  calls: number;
  step: number;
  policy: string;
  next_step_at: string | null;
  acknowledged_by: string | null;
  acknowledged_name: string;
  acknowledged_at: string | null;
}

/** Oldest first. `earlier_left_out`: the page rang so long that only the latest lines are told. */
export interface PageTimeline {
  page: PageNow | null;
  entries: TimelineEntry[];
  earlier_left_out: boolean;
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

/** A phone with the app. `disabled_at`: its push service forgot it; open the app on it. */
export interface Phone {
  id: string;
  device_id: string;
  mine_now: boolean;
  created_at: string;
  last_ok_at: string | null;
  disabled_at: string | null;
  reason: string;
  last_test: LastTest | null;
}

/** Rules to be looked at before they are saved. */
export interface PreviewBody {
  level: 'on_call' | 'deputy' | 'lead';
  rules: RuleTerms[];
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
  service_hours: WeeklyWindow[];
  after_hours: AfterHoursEntry[];
  text_number: string | null;
  sealing_key: SealingKeyDocument;
  vapid_public_key: string;
  people: PersonEntry[];
}

export interface Proven {
  proven: boolean;
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

/** `available`: the channels that this server has at all. */
export interface Reached {
  available: string[];
  phones: Phone[];
  contacts: Contact[];
}

/** Each check by name, `ok` or what is wrong; how many seconds ago the worker and this process's watchman last looked. */
export interface Readiness {
  ready: boolean;
  checks: Record<string, string>;
  ages_seconds: Record<string, number | null>;
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

/** The rota of a program over the time that was asked for; `version` is what a change of rules has to name. */
export interface RotaDocument {
  version: string;
  zone: string;
  server_time: string;
  levels: LevelDocument[];
  changes: ChangeDocument[];
  people: ColleagueDocument[];
}

/** Turns that come back every week and go round among people. `advance`: the next person comes with every turn, or has a whole week of turns. `first_week` is week 0 of the round; before it the rule puts nobody on duty. `ends` is the first Monday whose week the rule no longer covers; a turn that began before runs to its end, so that a rule which follows from that Monday leaves no gap. */
export interface RuleTerms {
  level: 'on_call' | 'deputy' | 'lead';
  zone: string;
  turns: Turn[];
  people: string[];
  advance: 'turn' | 'week';
  first_week: string;
  ends?: string | null;
}

/** The rules of one level as they shall be, and the version of the rota that they were written against. */
export interface RulesBody {
  version: string;
  rules: RuleTerms[];
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

/** Something that is wrong right now, for the screen's dictionary to say. `values`: numbers, names, instants, codes. */
export interface Sentence {
  code: 'overdue' | 'stuck' | 'held' | 'stalled' | 'no_worker' | 'nobody_subscribed' | 'empty_step' | 'refused_channel' | 'late_deliveries' | 'dead_deliveries' | 'silent_phone' | 'left_with_card';
  values: Record<string, number | string>;
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

/** Somebody on duty. `absent`: without an account or a role in the program by now, so that nobody comes. */
export interface SpanDocument {
  start: string;
  end: string;
  user_id: string;
  name: string;
  why: 'rule' | 'add' | 'instead' | 'only' | 'swap';
  source_id: string;
  absent: boolean;
}

export interface Stretch {
  start: string;
  end: string;
}

/** A browser's push subscription on one enrolled device. */
export interface SubscriptionBody {
  device_id: string;
  endpoint: string;
  keys: PushKeys;
  language?: 'en' | 'es';
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

/** What happened, or, with `what` `called`, whom the page called, by which channel, with what answer. `sent` means that the carrier took it; `seen`, that a phone showed it. */
export interface TimelineEntry {
  at: string;
  what: string;
  user_id: string | null;
  name: string;
  channel: string | null;
  outcome: 'pending' | 'sent' | 'seen' | 'dead' | 'cancelled' | null;
  detail: string;
}

/** The one-time token that came with the page. */
export interface TokenBody {
  token: string;
}

/** One stretch of duty in every week, by the clock on the wall of the rule's zone. */
export interface Turn {
  /** 0 is Monday. */
  weekday: number;
  /** HH:MM on the wall. */
  start: string;
  /** HH:MM on the wall. */
  end: string;
  /** How many days after `weekday` it ends. */
  days: number;
}

/** Terms that stand in a rota, under an id of their own. */
export interface WeeklyRule {
  level: 'on_call' | 'deputy' | 'lead';
  zone: string;
  turns: Turn[];
  people: string[];
  advance: 'turn' | 'week';
  first_week: string;
  ends?: string | null;
  id: string;
}

/** Open from `start` until just before `end` on one day of every week. Hours past midnight are a second window. */
export interface WeeklyWindow {
  /** 0 is Monday. */
  weekday: number;
  /** HH:MM on the wall. */
  start: string;
  /** HH:MM on the wall; 24:00 is midnight. */
  end: string;
}

/** Why a pack is taken back; those who read the list see it. */
export interface Withdrawal {
  reason: string;
}
