/** Reads the vectors that both languages share (`tests/vectors/sync`); for tests only. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Group } from './fields.ts';
import type { JsonValue } from './operation.ts';
import type { Committed, State, View } from './records.ts';

const FOLDER = new URL('../../../tests/vectors/sync/', import.meta.url);

export interface Expectation {
  conflicts: string[];
  values?: Record<string, JsonValue>;
  writers?: Record<string, string>;
  lost?: Record<string, JsonValue>;
  was?: Record<string, JsonValue>;
  opened?: string[];
  entries?: string[];
  struck?: Record<string, string>;
  texts?: Record<string, string>;
  payload_sha256?: Record<string, string>;
  consented?: boolean;
  blocked?: boolean;
  in_force?: Record<string, string[]>;
  vectors?: Record<string, Record<string, number>>;
  state?: State;
}

export interface FoldCase {
  id: string;
  name: string;
  log: Committed[];
  pending?: Committed[];
  sees?: Group[];
  view?: View | null;
  any_order?: boolean;
  expect: Expectation;
}

/** One vector file. */
export function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T;
}

/** All cases of `fold/`, each operation completed from its file's defaults. */
export function foldCases(): FoldCase[] {
  return readdirSync(new URL('fold/', FOLDER)).filter((name) => name.endsWith('.json')).sort().flatMap((name) => {
    const file = read<{ defaults: object; cases: FoldCase[] }>(`fold/${name}`);
    const complete = (operation: Committed): Committed => ({ ...file.defaults, ...operation });
    return file.cases.map((each) => ({
      ...each,
      id: `${name.replace('.json', '')}: ${each.name}`,
      log: each.log.map(complete),
      ...(each.pending === undefined ? {} : { pending: each.pending.map(complete) }),
    }));
  });
}

export interface MergingCase {
  name: string;
  /** By referral. */
  logs: Record<string, Committed[]>;
  together: Record<string, string[]>;
  expect: Expectation & { whole?: string; absent?: string[] };
}

/** All cases of `merging.json`, each operation completed from the file's defaults and its log's referral. */
export function mergingCases(): MergingCase[] {
  const file = read<{ defaults: object; cases: MergingCase[] }>('merging.json');
  const complete = ([referral_id, log]: [string, Committed[]]): [string, Committed[]] => [
    referral_id, log.map((operation) => ({ ...file.defaults, ...operation, referral_id })),
  ];
  return file.cases.map((each) => ({ ...each, logs: Object.fromEntries(Object.entries(each.logs).map(complete)) }));
}

/** SHA-256 of a text, in hexadecimal. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(hash).toString('hex');
}
