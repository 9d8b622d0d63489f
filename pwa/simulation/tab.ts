/**
 * One tab: the phone's real code, and a person's hands on it. Built as a script of its own and run anew for every tab, so that a
 * tab that was killed leaves nothing behind but what it had stored.
 */
import { overlay } from '../src/domain/fold.ts';
import type { Envelope } from '../src/domain/operation.ts';
import type { Committed, State, View } from '../src/domain/records.ts';
import { uuidv7 } from '../src/domain/uuid.ts';
import { baseOf } from '../src/state/base.ts';
import { commitOperations, type Unplaced } from '../src/storage/commit.ts';
import { openDatabase } from '../src/storage/database.ts';
import { listDevices, readDevice, storeDevice } from '../src/storage/devices.ts';
import { createVault, type DeviceFields } from '../src/storage/new_vault.ts';
import { readCopies, readViews } from '../src/storage/records.ts';
import type { SealingKey } from '../src/storage/sealing.ts';
import { openVault, type OpenVault } from '../src/storage/vault.ts';
import { call } from '../src/transport/client.ts';
import { enrol as enrolDevice } from '../src/transport/enrol.ts';
import { flush as flushDevice, type FlushResult } from '../src/transport/flush.ts';
import { pull as pullViews, type PullResult } from '../src/transport/pull.ts';
import { writing, type Wish } from './acts.ts';
import { proofOf } from './proof.ts';

/** Told to the test before anything is stored. */
declare const note: (what: object) => void;

const APP = 'simulation';
const database = openDatabase();
const vaults = new Map<string, OpenVault>();

async function vaultOf(device_id: string): Promise<OpenVault | null> {
  const known = vaults.get(device_id);
  if (known !== undefined) return known;
  const device = await readDevice(database, device_id);
  const made = device === undefined ? null : await openVault(device, proofOf(device_id));
  if (made !== null) vaults.set(device_id, made);
  return made;
}

interface Shown {
  view: View | null;
  pending: Committed[];
  state: State;
}

async function shownTo(device_id: string, vault: OpenVault): Promise<Map<string, Shown>> {
  const device = await readDevice(database, device_id);
  const [{ views }, { operations }] = await Promise.all([readViews(database, vault), readCopies(database, vault)]);
  const found = new Map<string, { view: View | null; pending: Committed[] }>();
  const partsOf = (id: string): { view: View | null; pending: Committed[] } => {
    const parts = found.get(id) ?? { view: null, pending: [] };
    found.set(id, parts);
    return parts;
  };
  for (const { referral_id, view } of views) partsOf(referral_id).view = view;
  for (const { operation } of operations) {
    partsOf(operation.referral_id).pending.push({ ...operation, role: device!.role } as Committed);
  }
  const shown = [...found].filter(([, { view, pending }]) => view !== null || pending.length > 0);
  return new Map(shown.map(([id, parts]) => [id, { ...parts, state: overlay(parts.view, parts.pending) }]));
}

export interface Authoring {
  device_id: string;
  user_id: string;
  program_id: string;
  agency_id: string | null;
  sealing_key: SealingKey;
  /** Begin another referral, although there are some. */
  anew: boolean;
  /** Which of the referrals shown, by number. */
  referral: number;
  begin: Wish[];
  go_on: Wish[];
}

/** A person writes: what they can mean depends on what the screen shows them. Resolves when it is stored. */
export async function author(task: Authoring): Promise<{ written: number }> {
  const { device_id, user_id, program_id, sealing_key } = task;
  const vault = await vaultOf(device_id);
  if (vault === null) return { written: 0 };
  const shown = await shownTo(device_id, vault);
  const ids = [...shown.keys()].sort();
  const chosen = task.anew && task.begin.length > 0 ? undefined : ids[task.referral % Math.max(1, ids.length)];
  const here = chosen === undefined ? undefined : shown.get(chosen);
  const acts = writing(here === undefined ? task.begin : task.go_on, here?.state ?? null, task.agency_id);
  if (acts.length === 0) return { written: 0 };
  const referral_id = chosen ?? uuidv7();
  const base = baseOf(here, device_id);
  const made_at = new Date().toISOString();
  const operations = acts.map(
    ({ kind, payload, saw = [] }) =>
      ({ op_id: uuidv7(), program_id, user_id, referral_id, kind, payload, base, saw, made_at, app: { version: APP, pack: null } }) as Unplaced,
  );
  const grant = operations.find(({ kind }) => kind === 'consent.grant');
  // As the officer's form does: what names the person cites the consent given in the same breath.
  for (const operation of operations) if (operation !== grant && grant !== undefined && operation.saw.length === 0) operation.saw = [grant.op_id];
  note({ note: 'writing', device_id, user_id, referral_id, op_ids: operations.map(({ op_id }) => op_id), shown: seen(here) });
  const stored = await commitOperations(database, { device_id, vault, sealing_key, operations });
  return { written: stored.length };
}

/** What a person had before their eyes: the operations behind every value, conflict, entry and consent. */
function seen(here: Shown | undefined): object {
  if (here === undefined) return { registers: {}, conflicts: [], consent: [], entries: [] };
  const { registers, conflicts, consent, entries } = here.state;
  return {
    registers: Object.fromEntries(Object.entries(registers).map(([key, { op }]) => [key, op])),
    conflicts: Object.values(conflicts).flatMap(({ kept, lost }) => [kept, lost]),
    consent: Object.keys(consent),
    entries: Object.keys(entries),
  };
}

/** What the screen shows, for the test to compare with what it knows. */
export async function show({ device_id }: { device_id: string }): Promise<Record<string, State> | null> {
  const vault = await vaultOf(device_id);
  if (vault === null) return null;
  const shown = await shownTo(device_id, vault);
  return Object.fromEntries([...shown].map(([id, { state }]) => [id, state]));
}

export const flush = ({ device_id, force = true }: { device_id: string; force?: boolean }): Promise<FlushResult> =>
  flushDevice(database, device_id, { app: APP, force, greet: true });

export async function pull({ device_id }: { device_id: string }): Promise<PullResult | null> {
  const vault = await vaultOf(device_id);
  return vault === null ? null : pullViews(database, vault);
}

/** Signs in with the passphrase, then makes sure that the server knows this phone; a person new to it gets a vault first. */
export async function signIn(task: { login: string; password: string; fields: DeviceFields }): Promise<{ device_id: string }> {
  const { login, password, fields } = task;
  await call('POST', '/api/session', { login, password, device_id: null });
  const known = (await listDevices(database)).find(({ user_id, wraps }) => user_id === fields.user_id && wraps.length > 0);
  if (known === undefined) {
    const device_id = crypto.randomUUID();
    const { device } = await createVault(proofOf(device_id), { ...fields, device_id });
    note({ note: 'enrolling', device_id, user_id: fields.user_id });
    await storeDevice(database, device);
    await enrolDevice(database, device_id, 'Simulated phone');
    return { device_id };
  }
  await enrolDevice(database, known.device_id, 'Simulated phone');
  return { device_id: known.device_id };
}

export type { Envelope };
