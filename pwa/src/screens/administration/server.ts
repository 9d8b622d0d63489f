/**
 * What the rooms of administrators and supervisors ask of the server: accounts, devices, second persons, the audit, keeping.
 *
 * Reads answers with suspicion and keeps nothing. Where the server wants a fresh proof, `transport/client` asks for it.
 */
import { call, isRecord, NotOurs, type Method } from '../../transport/client.ts';
import type {
  AccountEntry, Accounting, AuditEntry, AuditPage, DisclosureEntry, Evaluation, Glass, HoldEntry, HoldRequest, InvitationEntry,
  InviteRequest, Look, NewInvitation, ProgramDevice, RequestEntry, RetentionPlan,
} from '../../transport/schema.d.ts';

export type {
  AccountEntry, Accounting, AuditEntry, AuditPage, DisclosureEntry, Evaluation, Glass, HoldEntry, InvitationEntry, InviteRequest, Look,
  NewInvitation, ProgramDevice, RequestEntry, RetentionPlan,
};
export type HoldReason = HoldRequest['reason'];
export type ExpungeReason = 'court_order' | 'participant' | 'mistake';

/** A new role or agency, or the account closed or opened. */
export interface AccountChange {
  active?: boolean;
  role?: AccountEntry['role'];
  agency_id?: string | null;
}

async function list<T>(path: string, key: string): Promise<T[]> {
  const answer = await call('GET', path);
  if (!isRecord(answer) || !Array.isArray(answer[key])) throw new NotOurs(200);
  return answer[key] as T[];
}

/** An answer that has to hold these keys. */
async function document<T>(method: Method, path: string, keys: readonly (keyof T & string)[], body?: unknown): Promise<T> {
  const answer = await call(method, path, body);
  if (!isRecord(answer) || keys.some((key) => answer[key] === undefined)) throw new NotOurs(200);
  return answer as T;
}

async function file(path: string): Promise<string> {
  const answer = await call('GET', path, undefined, { as: 'text/csv', timeout_ms: 60_000 });
  if (typeof answer !== 'string') throw new NotOurs(200);
  return answer;
}

const act = async (method: Method, path: string, body?: unknown): Promise<void> => void (await call(method, path, body));

// All of them throw Unreachable, NotOurs or Problem.

export const askPeople = (): Promise<AccountEntry[]> => list('/api/people', 'people');
export const changePerson = (id: string, change: AccountChange): Promise<void> => act('PATCH', `/api/people/${id}`, change);
export const unlockPerson = (id: string): Promise<void> => act('POST', `/api/people/${id}/unlock`);

const INVITATION = ['address', 'code', 'qr', 'expires_at'] as const;
export const invite = (person: InviteRequest): Promise<NewInvitation> => document('POST', '/api/invitations', INVITATION, person);
export const askInvitations = (): Promise<InvitationEntry[]> => list('/api/invitations', 'invitations');
export const endInvitation = (id: string): Promise<void> => act('DELETE', `/api/invitations/${id}`);

export const askDevices = (): Promise<ProgramDevice[]> => list('/api/devices/all', 'devices');
export const revokeDevice = (id: string): Promise<void> => act('DELETE', `/api/devices/${id}`);

export const askRecovery = (user_id: string, reason: string): Promise<void> => act('POST', '/api/recovery', { user_id, reason });
export const approveRecovery = (id: string): Promise<NewInvitation> => document('POST', `/api/recovery/${id}/approve`, INVITATION);

export const askRequests = (): Promise<RequestEntry[]> => list('/api/second-person', 'requests');

/** Each kind is decided in the room whose act it is. */
const ROOMS = { recovery: 'recovery', hold: 'holds', hold_end: 'hold-ends', expunge: 'expunge', break_glass: 'break-glass' } as const;
type Asked = Pick<RequestEntry, 'id' | 'kind'>;

export const approve = ({ id, kind }: Asked): Promise<void> => act('POST', `/api/${ROOMS[kind]}/${id}/approve`);
export const decline = ({ id, kind }: Asked): Promise<void> =>
  kind === 'break_glass' ? endGlass(id) : act('POST', `/api/${ROOMS[kind]}/${id}/decline`);

export const askGlasses = (): Promise<Glass[]> => list('/api/break-glass', 'glasses');
export const askForGlass = (number: number, reason: string): Promise<void> => act('POST', '/api/break-glass', { number, reason });
export const lookThrough = (id: string): Promise<Look> => document('GET', `/api/break-glass/${id}`, ['number', 'until_at', 'view']);
export const endGlass = (id: string): Promise<void> => act('DELETE', `/api/break-glass/${id}`);

export const askAudit = (query: string): Promise<AuditPage> => document('GET', `/api/audit${query}`, ['entries', 'cursor']);
export const exportAudit = (query: string): Promise<string> => file(`/api/audit.csv${query}`);

export const askTold = (referral_id: string): Promise<Accounting> =>
  document('GET', `/api/referrals/${referral_id}/disclosures`, ['entries', 'more']);
export const exportTold = (referral_id: string): Promise<string> => file(`/api/referrals/${referral_id}/disclosures.csv`);

export const askRetention = (): Promise<RetentionPlan> => document('GET', '/api/retention', ['kept', 'due']);
export const askHolds = (): Promise<HoldEntry[]> => list('/api/holds', 'holds');
export const askHold = (referral_id: string, reason: HoldReason, until: string): Promise<void> =>
  act('POST', `/api/referrals/${referral_id}/hold`, { reason, until });
export const askHoldEnd = (hold_id: string): Promise<void> => act('POST', `/api/holds/${hold_id}/end`);
export const askExpunge = (referral_id: string, reason: ExpungeReason): Promise<void> =>
  act('POST', `/api/referrals/${referral_id}/expunge`, { reason });

export const askEvaluation = (): Promise<Evaluation> => document('GET', '/api/evaluation', ['smallest_cell', 'columns', 'referrals', 'groups']);
export const exportEvaluation = (): Promise<string> => file('/api/evaluation.csv');
