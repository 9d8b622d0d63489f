/** What the server knows of a person's ways in, read with suspicion, and what can be asked of it about them. */
import { call, isRecord, NotOurs } from '../../transport/client.ts';

export interface Passkey {
  id: string;
  credential_id: string;
  label: string;
  /** It can give a secret that opens a vault. */
  prf: boolean;
}

export interface Ways {
  passkeys: Passkey[];
  totp: boolean;
  passphrase: boolean;
}

export interface OpenSession {
  id: string;
  label: string | null;
  seen_at: string;
  current: boolean;
}

export interface OwnDevice {
  device_id: string;
  label: string;
  seen_at: string;
  /** What it last said still waits on it. */
  pending: number;
}

/** For another phone of one's own: an address, the same as a square to scan, and a code. */
export interface Enrolment {
  address: string;
  code: string;
  qr: { size: number; path: string };
}

function listOf<T>(value: unknown, read: (each: Record<string, unknown>) => T | null): T[] {
  if (!Array.isArray(value)) throw new NotOurs(200);
  return value.flatMap((each) => (isRecord(each) ? (read(each) ?? []) : []));
}

const passkey = (each: Record<string, unknown>): Passkey | null => {
  const { id, credential_id, label, prf } = each;
  if (typeof id !== 'string' || typeof credential_id !== 'string' || typeof label !== 'string') return null;
  return { id, credential_id, label, prf: prf === true };
};

const openSession = (each: Record<string, unknown>): OpenSession | null => {
  const { id, label, seen_at, current } = each;
  if (typeof id !== 'string' || typeof seen_at !== 'string') return null;
  return { id, seen_at, label: typeof label === 'string' ? label : null, current: current === true };
};

/** @throws Unreachable, NotOurs, Problem; as do all of these */
export async function askWays(): Promise<Ways> {
  const answer = await call('GET', '/api/passkeys');
  if (!isRecord(answer)) throw new NotOurs(200);
  const { passkeys, totp, passphrase } = answer;
  return { passkeys: listOf(passkeys, passkey), totp: totp === true, passphrase: passphrase !== false };
}

export async function askSessions(): Promise<OpenSession[]> {
  const answer = await call('GET', '/api/sessions');
  if (!isRecord(answer)) throw new NotOurs(200);
  return listOf(answer['sessions'], openSession);
}

export const endSession = (id: string): Promise<unknown> => call('DELETE', `/api/sessions/${id}`);

/** A new secret for an authenticator app, which counts once a code has confirmed it. */
export async function askTotp(): Promise<{ secret: string; uri: string }> {
  const answer = await call('POST', '/api/totp', {});
  if (!isRecord(answer) || typeof answer['secret'] !== 'string' || typeof answer['uri'] !== 'string') throw new NotOurs(200);
  return { secret: answer['secret'], uri: answer['uri'] };
}

export const confirmTotp = (code: string): Promise<unknown> => call('POST', '/api/totp/confirm', { code });
export const removeTotp = (): Promise<unknown> => call('DELETE', '/api/totp');

const ownDevice = (each: Record<string, unknown>): OwnDevice | null => {
  const { device_id, label, seen_at, pending, state } = each;
  if (typeof device_id !== 'string' || typeof label !== 'string' || typeof seen_at !== 'string' || state !== 'active') return null;
  return { device_id, label, seen_at, pending: typeof pending === 'number' ? pending : 0 };
};

/** Those that still count, the newest first. */
export async function askDevices(): Promise<OwnDevice[]> {
  const answer = await call('GET', '/api/devices');
  if (!isRecord(answer)) throw new NotOurs(200);
  return listOf(answer['devices'], ownDevice);
}

export const removeDevice = (id: string): Promise<unknown> => call('DELETE', `/api/devices/${id}`);

export async function askEnrolment(): Promise<Enrolment> {
  const answer = await call('POST', '/api/enrolments', {});
  if (!isRecord(answer) || !isRecord(answer['qr'])) throw new NotOurs(201);
  const { address, code, qr } = answer;
  const { size, path } = qr as Record<string, unknown>;
  if (typeof address !== 'string' || typeof code !== 'string' || typeof size !== 'number' || typeof path !== 'string') throw new NotOurs(201);
  return { address, code, qr: { size, path } };
}
