/**
 * All phones of a simulated world in one process, led by the test: one line of JSON asks, one line answers.
 *
 * A line holds commands, which are begun one after another and run together until nothing is left to do but wait for the
 * network, which the test is. The answer holds what happened meanwhile. The same commands with the same seed give the same answer.
 */
import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { compileFunction } from 'node:vm';
import type { CopyRow, DeviceRow, OutboxRow } from '../src/storage/schema.ts';
import { forgetRequests, GLOBALS, Tab, type World } from './browser.ts';
import { Profile, vaultFor, type Rows } from './profile.ts';
import { randomFrom, takeImmediates, Tasks } from './tasks.ts';
import type * as TabScript from './tab.ts';

type Script = Record<keyof typeof TabScript, (given: object) => Promise<unknown>>;
type Command = { do: string } & Record<string, unknown>;
interface Line {
  seed: number;
  now_ms: number;
  commands: Command[];
}

const [present, next] = process.argv.slice(2).map((path) => {
  const code = `${readFileSync(path, 'utf8')}\nreturn tab;`;
  return compileFunction(code, GLOBALS, { filename: path }) as (...globals: unknown[]) => Script;
});

const tasks = new Tasks();
let events: object[] = [];
const world: World = { tasks, random: () => 0, now_ms: 0, say: (event) => void events.push(event) };
const profiles = new Map<string, Profile>();
const tabs = new Map<string, { tab: Tab; script: Script }>();
const copies = new Map<string, { version: number; rows: Rows; clock_off_ms: number }>();
/** Operations whose content the test has been given. */
const told = new Set<string>();
let doom: { tab: string; after: number; keep: boolean } | null = null;

const text = (value: unknown): string => value as string;

function kill(name: string, keep: boolean): void {
  const found = tabs.get(name);
  if (found === undefined) return;
  for (const id of found.tab.waiting) world.say({ event: 'gave_up', id });
  found.tab.kill(keep);
  tabs.delete(name);
}

const COMMANDS: Record<string, (command: Command) => void> = {
  open: ({ tab: name, profile: of, newer }) => {
    const profile = profiles.get(text(of))!;
    const tab = new Tab(text(name), profile, world);
    tabs.set(text(name), { tab, script: (newer === true ? next! : present!)(...tab.globals()) });
  },
  kill: ({ tab, keep }) => kill(text(tab), keep === true),
  die: ({ tab, kill: fate }) => void (doom = { tab: text(tab), ...(fate as { after: number; keep: boolean }) }),
  act: ({ tab, id, what, given, kill: fate }) => {
    const found = tabs.get(text(tab))!;
    if (fate != null) doom = { tab: text(tab), ...(fate as { after: number; keep: boolean }) };
    const tell = (of: object): void => {
      if (found.tab.alive) world.say({ event: 'done', id, ...of });
    };
    found.script[what as keyof Script](given as object).then(
      (result) => tell({ result }),
      (error: Error) => tell({ error: error.name, message: String(error.stack) }),
    );
  },
  answer: ({ tab, id, status, headers, body }) =>
    void tabs.get(text(tab))?.tab.answer(id as number, status as number, headers as Record<string, string>, text(body)),
  fail: ({ tab, id }) => void tabs.get(text(tab))?.tab.fail(id as number),
  clock: ({ profile, off_ms }) => void (profiles.get(text(profile))!.clock_off_ms = off_ms as number),
  copy: ({ profile, name }) => {
    const from = profiles.get(text(profile))!;
    copies.set(text(name), { ...from.copy(), clock_off_ms: from.clock_off_ms });
  },
};

/** Commands that replace what is there, done before anything runs. */
async function prepare(command: Command): Promise<boolean> {
  const name = text(command['profile'] ?? '');
  switch (command.do) {
    case 'reset':
      [...tabs.keys()].forEach((each) => kill(each, false));
      tasks.clear();
      profiles.clear();
      told.clear();
      forgetRequests();
      return true;
    case 'profile': {
      const copy = copies.get(text(command['copy'] ?? ''));
      const made = copy === undefined ? Promise.resolve(new Profile()) : Profile.from(structuredClone(copy), copy.clock_off_ms);
      let settled = false;
      void made.then((profile) => {
        profiles.set(name, profile);
        settled = true;
      });
      while (!settled) await tasks.run(0, () => undefined);
      return true;
    }
    default:
      return false;
  }
}

/** What the test asks to see of a profile: rows without content, and the content of what it has not seen. */
async function look(name: string, deep: boolean): Promise<object> {
  const profile = profiles.get(name)!;
  const devices = profile.devices();
  const views: Record<string, unknown> = {};
  for (const device of deep ? devices : []) {
    const vault = await vaultFor(device);
    views[device.device_id] = vault === null ? null : await profile.views(vault);
  }
  const outbox = profile.outbox().map((row) => {
    const { op_id, device_id, seq, referral_id, state, position, receipt, prev } = row;
    const fresh = !told.has(op_id);
    told.add(op_id);
    return { op_id, device_id, seq, referral_id, state, position, receipt, prev, ...(fresh ? { sealed: sealedOf(row) } : {}) };
  });
  return { devices: devices.map(outline), outbox, copies: profile.rows<CopyRow>('copies').map(({ op_id }) => op_id), views };
}

const sealedOf = ({ op_id, device_id, seq, program_id, key_id, blob }: OutboxRow): object => ({ op_id, device_id, seq, program_id, key_id, blob });

const outline = ({ device_id, user_id, next_seq, epoch, former_epochs, cursor, wraps, durable_position, sweeping }: DeviceRow): object => ({
  device_id, user_id, next_seq, epoch, former_epochs, cursor, wiped: wraps.length === 0, durable_position, sweeping,
});

async function obey({ seed, now_ms, commands }: Line): Promise<object> {
  events = [];
  doom = null;
  world.random = randomFrom(seed);
  world.now_ms = now_ms;
  const looks: { profile: string; deep: boolean }[] = [];
  for (const command of commands) {
    if (command.do === 'look') looks.push({ profile: text(command['profile']), deep: command['deep'] === true });
    else if (!(await prepare(command))) COMMANDS[command.do]!(command);
  }
  for (const { tab } of tabs.values()) tab.ring();
  await tasks.run(seed ^ 0x5bd1e995, (done) => {
    if (doom !== null && done >= doom.after) die();
  });
  die();
  const { done } = tasks;
  // A tab that died may have left something about to be written.
  await tasks.run(0, () => undefined);
  const seen: Record<string, object> = {};
  for (const { profile, deep } of looks) seen[profile] = await look(profile, deep);
  return { events, seen, done };
}

function die(): void {
  if (doom === null) return;
  kill(doom.tab, doom.keep);
  world.say({ event: 'killed', tab: doom.tab });
  doom = null;
}

takeImmediates(tasks);
process.on('unhandledRejection', () => undefined);
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  let answer: object;
  try {
    answer = await obey(JSON.parse(line) as Line);
  } catch (error) {
    answer = { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
