/**
 * The rota as the server tells it, and what is asked of it. Who is on call is worked out there and nowhere else.
 *
 * Reads answers with suspicion and keeps nothing; what the phone remembers is `known.ts`.
 */
import { t } from '../../state/language.ts';
import { call, isRecord, NotOurs, Problem } from '../../transport/client.ts';

export const LEVELS = ['on_call', 'deputy', 'lead'] as const;
export type Level = (typeof LEVELS)[number];
export const isLevel = (text: unknown): text is Level => LEVELS.includes(text as Level);

/** Half open, RFC 3339. */
export interface Stretch {
  start: string;
  end: string;
}

export interface Span extends Stretch {
  user_id: string;
  name: string;
  why: 'rule' | 'add' | 'instead' | 'only' | 'swap';
  source_id: string;
  /** The person has no account or no role in the program any more: nobody comes. */
  absent?: boolean;
}

export interface Turn {
  /** 0 is Monday. */
  weekday: number;
  start: string;
  end: string;
  /** How many days after `weekday` it ends. */
  days: number;
}

export interface Rule {
  level: Level;
  zone: string;
  turns: Turn[];
  people: string[];
  advance: 'turn' | 'week';
  first_week: string;
  ends: string | null;
}

export interface LevelRota {
  level: Level;
  spans: Span[];
  gaps: Stretch[];
  overlaps: (Stretch & { user_ids: string[] })[];
  rules: (Rule & { id: string })[];
}

export interface Change extends Stretch {
  id: string;
  level: Level;
  kind: 'add' | 'instead' | 'only';
  user_id: string;
  to_user_id: string | null;
  swap_id: string | null;
  state: 'proposed' | 'accepted';
  asked_of: string | null;
  made_by: string;
  made_at: string;
}

export interface Person {
  id: string;
  name: string;
  role: string;
  /** Has an address that a call can reach. */
  reachable: boolean;
  /** The number that the person gave to be called back. */
  callback?: string;
}

export interface Rota {
  version: string;
  zone: string;
  server_time: string;
  levels: LevelRota[];
  changes: Change[];
  people: Person[];
}

export interface Wish {
  kind: 'cover' | 'swap' | 'hand_over' | 'add' | 'only' | 'off';
  level: Level;
  user_id?: string;
  to_user_id?: string;
  start?: string;
  end?: string;
  with_start?: string;
  with_end?: string;
}

const LISTS = ['levels', 'changes', 'people'] as const;

export function readRota(answer: unknown): Rota {
  if (!isRecord(answer) || typeof answer['zone'] !== 'string' || LISTS.some((name) => !Array.isArray(answer[name]))) throw new NotOurs(200);
  const rota = answer as unknown as Rota;
  // A level that this version does not know is left out; the levels it knows are whole.
  return { ...rota, levels: rota.levels.filter(({ level }) => isLevel(level)), changes: rota.changes.filter(({ level }) => isLevel(level)) };
}

/** @throws Unreachable, NotOurs, Problem */
export const askRota = async (from_ms: number, to_ms: number): Promise<Rota> => {
  const asked = new URLSearchParams({ from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() });
  return readRota(await call('GET', `/api/rota?${asked}`));
};

/** The level as it would be with these rules. Nothing is written. @throws Unreachable, NotOurs, Problem */
export async function askPreview(level: Level, rules: readonly Rule[]): Promise<LevelRota> {
  const answer = await call('POST', '/api/rota/preview', { level, rules });
  if (!isRecord(answer) || !Array.isArray(answer['spans']) || !Array.isArray(answer['gaps'])) throw new NotOurs(200);
  return answer as unknown as LevelRota;
}

/** @throws Unreachable, NotOurs, Problem; 409 where the rota is no longer at `version` */
export const saveRules = async (level: Level, version: string, rules: readonly Rule[]): Promise<void> =>
  void (await call('PUT', `/api/rota/levels/${level}`, { version, rules }));

/** Whether it stands already, or somebody has to agree. @throws Unreachable, NotOurs, Problem */
export async function wish(what: Wish): Promise<'proposed' | 'accepted'> {
  const answer = await call('POST', '/api/rota/changes', what);
  return isRecord(answer) && answer['state'] === 'accepted' ? 'accepted' : 'proposed';
}

/** @throws Unreachable, NotOurs, Problem; 409 where the rota changed meanwhile */
export const settle = async (id: string, how: 'accept' | 'decline' | 'withdraw'): Promise<void> =>
  void (await call('POST', `/api/rota/changes/${encodeURIComponent(id)}/${how}`));

export const isConflict = (error: unknown): boolean => error instanceof Problem && error.status === 409;

export interface Refusal {
  text: string;
  /** The server's own words, which are English. */
  detail: string | null;
}

/** Why something could not be done, and what to do. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Problem)) return { text: t('rota_unreachable'), detail: null };
  if (error.status === 401) return { text: t('rota_sign_in'), detail: null };
  return { text: t(isConflict(error) ? 'rota_changed_meanwhile' : 'rota_refused'), detail: error.detail };
}
