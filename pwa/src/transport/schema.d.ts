/** Generated from the server's models by `make types`. Do not edit: `make lint` compares. */

/** The passphrase that the person chooses; for another phone of theirs, what a sign-in asks for. */
export interface AcceptRequest {
  token?: string | null;
  code?: string | null;
  login?: string | null;
  passphrase: string;
  one_time_code?: string | null;
  device_id?: string | null;
}

/** An account. `invited`: nobody has come in yet; `locked_until`: their passphrase is not taken until then. */
export interface AccountEntry {
  id: string;
  login: string;
  name: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  agency_id: string | null;
  state: 'active' | 'invited' | 'closed';
  seen_at: string | null;
  locked_until: string | null;
}

export interface AccountList {
  people: AccountEntry[];
}

/** The newest first. `more`: there are older lines, which only the file holds. */
export interface Accounting {
  entries: DisclosureEntry[];
  more: boolean;
}

/** `already` where somebody else was first; `by` is who has it. */
export interface Acknowledged {
  result: 'acknowledged' | 'already';
  by: string;
}

export interface Added {
  id: string;
}

/** In the order in which they were taken. */
export interface Adopted {
  items: Became[];
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

/** A request that waits for its second person. */
export interface AskedFor {
  asked_id: string;
  expires_at: string;
}

/** `toJSON()` of what `navigator.credentials.get` gave, without the results of PRF. */
export interface Assertion {
  id: string;
  rawId: string;
  type: 'public-key';
  response: AssertionResponse;
  clientExtensionResults?: ExtensionAnswers;
}

export interface AssertionResponse {
  clientDataJSON: string;
  authenticatorData: string;
  signature: string;
  userHandle: string;
}

export interface AttestationResponse {
  clientDataJSON: string;
  attestationObject: string;
}

/** One event. Names are those that people of the program have now; `referrals` is empty for who reaches none. `counts`: numbers that belong to it, such as how many operations of a batch were applied. `opened_at`: when the phone says that the screen was opened. */
export interface AuditEntry {
  number: number;
  at: string;
  action: string;
  outcome: string;
  actor_id: string | null;
  actor_name: string;
  subject: string;
  subject_name: string;
  source: string;
  device_id: string | null;
  referrals: string[];
  counts: Record<string, number>;
  opened_at: string | null;
}

/** The newest first. `cursor` asks for what is older; None: there is nothing older. */
export interface AuditPage {
  entries: AuditEntry[];
  cursor: number | null;
}

export interface AuthenticatorSelection {
  residentKey: 'required';
  requireResidentKey: boolean;
  userVerification: 'required';
}

export interface Author {
  id: string;
  name: string;
  role: string;
}

/** What became of one adopted operation: `applied`, `merged`, or `held` or `rejected` by another rule, with its reason. */
export interface Became {
  op_id: string;
  status: 'applied' | 'merged' | 'held' | 'rejected';
  reason: string | null;
  detail: string | null;
}

/** The device that this browser profile has for the person, if any. */
export interface BeginRequest {
  device_id?: string | null;
}

/** What the first screen needs before anybody has signed in; `accounts` only in the demo. */
export interface BootstrapDocument {
  demo: boolean;
  name: string;
  accounts?: DemoAccount[] | null;
}

/** What whoever carries an operation is told: `taken` (it is here), `retry` (keep it) or `refused` (not that phone's). */
export interface CarriedReceipt {
  op_id: string;
  epoch: string;
  status: 'taken' | 'retry' | 'refused';
  position: number | null;
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

/** What shall be different; what is left out stays. A new role or agency ends the person's sessions. */
export interface ChangeRequest {
  active?: boolean | null;
  role?: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server' | null;
  agency_id?: string | null;
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

/** Answer with the new credential and this `challenge_id` within five minutes, once. */
export interface CreationChallenge {
  challenge_id: string;
  options: CreationOptions;
}

/** PublicKeyCredentialCreationOptionsJSON. */
export interface CreationOptions {
  rp: RelyingPartyEntity;
  user: UserEntity;
  challenge: string;
  pubKeyCredParams: CredentialParameters[];
  timeout: number;
  excludeCredentials: CredentialDescriptor[];
  authenticatorSelection: AuthenticatorSelection;
  attestation: 'none';
  extensions: WantedExtensions;
}

export interface CredentialDescriptor {
  id: string;
  type: 'public-key';
}

export interface CredentialParameters {
  type: 'public-key';
  alg: number;
}

/** What was decided: who wrote it, who decided, when and why; `because` is why it had been held or rejected. */
export interface DecidedItem {
  op_id: string;
  author_name: string | null;
  decision: 'adopted' | 'dismissed';
  because: string;
  reason: string;
  decided_by_name: string;
  decided_at: string;
}

/** Operations of one phone, and why they are adopted or dismissed. The reason names no participant. */
export interface Decision {
  items: string[];
  reason: string;
}

export interface DemoAccount {
  login: string;
  password: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  program: string;
  name: string;
}

/** Where to go now: an address at the provider. */
export interface Departure {
  address: string;
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

/** What the phone says of itself: how many operations wait, since when, its build, and how many numbers it has given out. An older app does not say the last. */
export interface DeviceReport {
  pending: number;
  oldest_pending_at: string | null;
  app: string;
  written?: number;
}

export interface Disclosed {
  notice: string;
  referral: DisclosedReferral;
}

/** An arrest diversion with the packet of the police and what the participant released. */
export interface DisclosedReferral {
  id: string;
  number: number;
  case_number: string | null;
  charges: string[];
  due_on: string | null;
  officer: string;
  facts: Facts;
  scope: Scope[];
}

/** Those of the looked-through referrals with a release in force; `before`: the number to ask on with, null at the end. */
export interface DisclosedReferrals {
  notice: string;
  referrals: DisclosedReferral[];
  before: number | null;
}

/** One line of the accounting. What the release itself said is null once the referral has been erased. */
export interface DisclosureEntry {
  at: string;
  to: string;
  to_role: string;
  information: string[];
  release: string;
  recipient: string | null;
  purpose: string | null;
  expires_on: string | null;
}

/** A referral that is erased at an instant; `held`: not while the hold stands. */
export interface DueEntry {
  number: number;
  at: string;
  held: boolean;
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

/** The referrals of months that are over. None where there are fewer than `smallest_cell`. */
export interface Evaluation {
  smallest_cell: number;
  columns: string[];
  referrals: number;
  groups: Group[];
}

export interface ExpungeRequest {
  reason: 'court_order' | 'participant' | 'mistake';
}

export interface ExtensionAnswers {
  prf?: PrfAnswer;
}

/** What the releases in force name, as it stands at this moment. */
export interface Facts {
  intake: IntakeFact | null;
  enrolled: boolean | null;
  status: string | null;
}

/** What the page sends. */
export interface FirstAdministrator {
  token: string;
  program_id: string;
  login: string;
  name: string;
  password: string;
}

/** A receipt for each operation, in order. */
export interface ForwardAnswer {
  protocol: number;
  epoch: string;
  receipts: CarriedReceipt[];
}

/** Operations of the phone `author_device_id`, brought by the phone `device_id`, in the order of the author's sequence. */
export interface ForwardRequest {
  protocol: 1;
  device_id: string;
  author_device_id: string;
  operations: Record<string, unknown>[];
}

/** Who may look at which referral, and until when. `open`: right now. */
export interface Glass {
  id: string;
  number: number;
  name: string;
  from_at: string;
  until_at: string;
  ended_at: string | null;
  open: boolean;
}

/** The request; a supervisor decides. */
export interface GlassAsked {
  asked_id: string;
  expires_at: string;
}

export interface GlassList {
  glasses: Glass[];
}

/** Which referral, by the number that people call it by, and why. The reason names no participant. */
export interface GlassRequest {
  number: number;
  reason: string;
}

/** Referrals that are alike in every column, and how many. */
export interface Group {
  values: string[];
  count: number;
}

/** Whom an invitation is for; `join` and `recover` ask for a new passphrase, `enrol` for the one they have. */
export interface GuestDocument {
  login: string;
  name: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  program: string;
  purpose: 'join' | 'recover' | 'enrol';
  expires_at: string;
}

export interface Health {
  status: string;
}

/** One thing that somebody did; `groups` says what it touched. `at` is when it was done as well as can be told, `said_at` what the phone's clock said, `received_at` when the server had it. `off_ms` is there where that clock was wrong: by so much it was behind; `at` is then an estimate. */
export interface HistoryEntry {
  op_id: string;
  kind: string;
  by: Author;
  at: string;
  said_at: string;
  received_at: string;
  off_ms: number | null;
  groups: string[];
}

/** A hold. `until_at`: the first instant at which it no longer stands by itself. */
export interface HoldEntry {
  id: string;
  referral_id: string;
  number: number;
  reason: 'litigation' | 'court_order' | 'records_request' | 'complaint' | 'audit';
  state: 'asked' | 'stands' | 'over';
  asked_by_name: string;
  approved_by_name: string | null;
  from_at: string | null;
  until_at: string;
  ended_at: string | null;
}

export interface HoldList {
  holds: HoldEntry[];
}

/** `until`: its last day, in the program's time zone. */
export interface HoldRequest {
  reason: 'litigation' | 'court_order' | 'records_request' | 'complaint' | 'audit';
  until: string;
}

/** Whether intake was done, on which day, and by which day it is due. */
export interface IntakeFact {
  done: boolean;
  done_on: string | null;
  due_on: string | null;
}

/** An invitation that still holds. */
export interface InvitationEntry {
  id: string;
  user_id: string;
  login: string;
  name: string;
  purpose: 'join' | 'recover' | 'enrol';
  made_at: string;
  expires_at: string;
  code_tries_left: number;
}

export interface InvitationList {
  invitations: InvitationEntry[];
}

/** Whom to invite, and as what. Asked again before it was taken up, it replaces the former invitation. */
export interface InviteRequest {
  login: string;
  name: string;
  role: 'officer' | 'sergeant' | 'coordinator' | 'case_manager' | 'supervisor' | 'administrator' | 'prosecutor' | 'evaluator' | 'partner' | 'server';
  agency_id?: string | null;
  callback?: string;
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

/** The referral as a supervisor sees it. */
export interface Look {
  number: number;
  received_at: string;
  until_at: string;
  view: Record<string, unknown>;
}

export interface NewContact {
  channel: 'sms' | 'voice' | 'email';
  address: string;
  language: 'en' | 'es';
}

/** `toJSON()` of what `navigator.credentials.create` gave, without the results of PRF. */
export interface NewCredential {
  id: string;
  rawId: string;
  type: 'public-key';
  response: AttestationResponse;
  clientExtensionResults?: ExtensionAnswers;
}

/** Shown once, to whoever made it: the server keeps only hashes. */
export interface NewInvitation {
  id: string;
  user_id: string;
  purpose: 'join' | 'recover' | 'enrol';
  address: string;
  /** Eight characters in two halves; any case, O is 0, I and L are 1. */
  code: string;
  qr: Square;
  expires_at: string;
}

export interface NewPasskey {
  challenge_id: string;
  label: string;
  credential: NewCredential;
}

/** One open session of a person; `label` is that of the device it speaks from. */
export interface OpenSession {
  id: string;
  created_at: string;
  seen_at: string;
  label: string | null;
  current: boolean;
}

export interface OpenSessions {
  sessions: OpenSession[];
}

/** Somebody opened a referral's screen, perhaps without a connection; `at` by the phone's clock. */
export interface Opening {
  referral_id: string;
  at: string;
}

export interface Openings {
  openings: Opening[];
}

export interface OverlapDocument {
  start: string;
  end: string;
  user_ids: string[];
}

/** The same for somebody signed in: since when the own account is linked there, if it is. */
export interface OwnProvider {
  id: string;
  label: string;
  linked_at: string | null;
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

/** One of a person's passkeys. */
export interface PasskeyDocument {
  id: string;
  credential_id: string;
  label: string;
  created_at: string;
  last_used_at: string | null;
  /** It can unlock the vault. */
  prf: boolean;
  /** Its key never leaves the device that made it. */
  device_bound: boolean;
}

/** Everything that a person can prove themselves with; `totp` is true once an authenticator app is confirmed. */
export interface PasskeyList {
  passkeys: PasskeyDocument[];
  totp: boolean;
  passphrase: boolean;
}

/** A passkey's answer to a challenge from `/api/session/passkey-options`. */
export interface PasskeyProof {
  challenge_id: string;
  credential: Assertion;
}

/** A passkey's answer to a challenge from `/api/session/passkey-options`. */
export interface PasskeySignInRequest {
  challenge_id: string;
  credential: Assertion;
  device_id?: string | null;
}

/** The passphrase until now and the next one. */
export interface PassphraseChange {
  former: string;
  passphrase: string;
  code?: string | null;
}

/** A passphrase, with a code where the person has an authenticator app. */
export interface PassphraseProof {
  password: string;
  code?: string | null;
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

/** What the authenticator said of PRF. Its `results` unlock the vault: a phone that sent them would be refused. */
export interface PrfAnswer {
  enabled?: boolean;
}

/** A device of somebody in the program. `oldest_pending_at` is the phone's own word, if it can be true at all. */
export interface ProgramDevice {
  device_id: string;
  user_id: string;
  name: string;
  label: string;
  state: 'active' | 'revoked';
  /** Two browser profiles write as this device; it was told to enrol anew. */
  forked: boolean;
  /** Records that never arrived and are not expected any more. */
  unarrived: number;
  created_at: string;
  seen_at: string;
  pending: number;
  oldest_pending_at: string | null;
  oldest_pending_minutes: number | null;
  app_version: string;
  revoked_at: string | null;
  /** `removed` by a person, or `copied`: see the finding of that name. */
  revoked_why: string;
}

export interface ProgramDeviceList {
  devices: ProgramDevice[];
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

/** A way to sign in, as the first screen shows it. */
export interface ProviderEntry {
  id: string;
  label: string;
}

/** `items` are put, drop, page, op or told; see the feed. The rest is as in PushAnswer. */
export interface PullAnswer {
  protocol: number;
  epoch: string;
  server_time: string;
  head: number;
  durable_position: number;
  known: Record<string, number[][]>;
  durable: Record<string, number[][]>;
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

/** Receipts, and where the server stands: its epoch, its head, what it knows of the device and what a backup holds of that. A phone may forget what lies at or below `durable_position` by its receipt and is among the `durable` numbers as well. */
export interface PushAnswer {
  protocol: number;
  epoch: string;
  server_time: string;
  head: number;
  durable_position: number;
  known: Record<string, number[][]>;
  durable: Record<string, number[][]>;
  receipts: Receipt[];
  wipe: boolean;
  /** Two browser profiles write as this device: enrol anew, under a new id. */
  forked: boolean;
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

/** The oldest undecided ones, how many there are by reason, and what was decided last. */
export interface Quarantined {
  items: UndecidedItem[];
  by_reason: Record<string, number>;
  decided: DecidedItem[];
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

/** It waits for a second person until then. */
export interface RecoveryAsked {
  id: string;
  expires_at: string;
}

/** Whose way in is lost, and why; the second person reads the reason. */
export interface RecoveryRequest {
  user_id: string;
  reason: string;
}

export interface Registered {
  new: boolean;
}

export interface RelyingPartyEntity {
  id: string;
  name: string;
}

/** Answer with the credential and this `challenge_id` within five minutes, once. */
export interface RequestChallenge {
  challenge_id: string;
  options: RequestOptions;
}

/** One request. `subject` is an id; `subject_name` is given where it is a person's, `number` where it is about a referral. No content of any referral. */
export interface RequestEntry {
  id: string;
  kind: 'recovery' | 'hold' | 'hold_end' | 'expunge' | 'break_glass';
  subject: string;
  subject_name: string | null;
  number: number | null;
  reason: string;
  asked_by: string;
  asked_by_name: string;
  asked_at: string;
  expires_at: string;
  decided_by_name: string | null;
  decided_at: string | null;
  state: 'asked' | 'approved' | 'declined' | 'expired' | 'done';
  may_decide: boolean;
  own: boolean;
}

export interface RequestList {
  requests: RequestEntry[];
}

/** PublicKeyCredentialRequestOptionsJSON: any passkey that the phone has for this server, with user verification. */
export interface RequestOptions {
  challenge: string;
  timeout: number;
  rpId: string;
  allowCredentials: CredentialDescriptor[];
  userVerification: 'required';
}

/** After how many days, by the server's clock, everything of a referral is erased; None: never. */
export interface Retention {
  /** Since it was decided or closed, where the program never accepted the person. */
  declined_or_ineligible_days?: number | null;
  /** Since any other referral was closed. */
  closed_days?: number | null;
}

/** The program's days, and what is or becomes due within thirty days, the first first. */
export interface RetentionPlan {
  kept: Retention;
  /** At most a thousand. */
  due: DueEntry[];
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

/** A release that this answer rests on (42 CFR 2.32(b): the scope of the consent goes with what is told). */
export interface Scope {
  release: string;
  information: ('intake' | 'enrolled' | 'status')[];
  purpose: string;
  expires_on: string;
}

/** The consent script in force; `hash` covers the version and both texts. */
export interface Script {
  version: string;
  hash: string;
  texts: Texts;
}

/** An operation as it came: sealed to the server's key, readable by nobody else. */
export interface SealedRecord {
  op_id: string;
  device_id: string;
  program_id: string;
  seq: number;
  key_id: string;
  blob: string;
  received_at: string;
  reason: string;
}

/** The key that operations are sealed to: a raw P-256 point in base64url. */
export interface SealingKeyDocument {
  key_id: string;
  public_key: string;
  suite: string;
}

/** Something that is wrong right now, for the screen's dictionary to say. `values`: numbers, names, instants, codes. */
export interface Sentence {
  code: 'overdue' | 'stuck' | 'held' | 'stalled' | 'no_worker' | 'nobody_subscribed' | 'empty_step' | 'refused_channel' | 'late_deliveries' | 'dead_deliveries' | 'silent_phone' | 'left_with_card' | 'broken_glass' | 'copied_phone';
  values: Record<string, number | string>;
}

/** Who is signed in, until when at the latest, and the server's epoch and time. `second_factor_needed`: nothing is open but the program and the person's own credentials until one is added or proved. */
export interface SessionDocument {
  user: SessionUser;
  device_id: string | null;
  expires_at: string;
  second_factor_needed: boolean;
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

/** How many records were looked into, and what was found. The reason names no participant. */
export interface Settlement {
  device_id: string;
  count: number;
  reason: string;
}

/** The token of an address, or a code with the login that it was made for. */
export interface ShownInvitation {
  token?: string | null;
  code?: string | null;
  login?: string | null;
}

/** A login and its passphrase; the device that this browser profile has for the person, if any. `code` is asked for with `code-needed` where the person has an authenticator app. */
export interface SignInRequest {
  login: string;
  password: string;
  device_id?: string | null;
  code?: string | null;
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

/** A QR code: `<svg viewBox="0 0 {size} {size}"><path d="{path}"/></svg>`, dark on light, quiet zone included. */
export interface Square {
  size: number;
  path: string;
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

export interface TotpConfirmation {
  code: string;
}

/** The secret in base32 and the address that authenticator apps read from a QR code. Shown this once. */
export interface TotpSecret {
  secret: string;
  uri: string;
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

/** Records of a phone that never arrived. `settled`: how many of them somebody has looked into already. */
export interface UnarrivedEntry {
  device_id: string;
  name: string;
  label: string;
  state: 'active' | 'revoked';
  forked: boolean;
  count: number;
  settled: number;
  seen_at: string;
  settled_by_name: string | null;
  settled_at: string | null;
  settled_reason: string | null;
}

export interface UnarrivedList {
  phones: UnarrivedEntry[];
}

/** One operation that waits for somebody. `id` is its op_id, or the hash under which a sealed one is kept. `kind`, `made_at` and the referral are told where it could be opened. `sealed`: it can be exported as it came. */
export interface UndecidedItem {
  id: string;
  author_name: string | null;
  device_id: string;
  device_label: string;
  device_state: string;
  kind: string | null;
  made_at: string | null;
  received_at: string;
  state: 'held' | 'rejected';
  reason: string;
  referral_id: string | null;
  referral_number: number | null;
  may_adopt: boolean;
  sealed: boolean;
  /** For what is not signed: how it came, and by which phone. */
  brought: string | null;
}

export interface UserEntity {
  id: string;
  name: string;
  displayName: string;
}

/** `prf` asks whether the passkey can unlock a vault. */
export interface WantedExtensions {
  prf: Record<string, string>;
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
