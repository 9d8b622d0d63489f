/**
 * From what a person did to operations stored on this phone.
 *
 * Answers for what an operation says of its circumstances: who, when, by which clock, under which rules, and what the
 * screen had shown (`base`). Numbers, digest, signature and sealing are `storage/commit.ts`'s.
 */
import { batch } from '@preact/signals';
import { uuidv7 } from 'uuidv7';
import type { Vector } from '../domain/operation.ts';
import { commitOperations, type Unplaced } from '../storage/commit.ts';
import { prepareSealing } from '../storage/sealing.ts';
import { appVersion } from './app.ts';
import { exchangeSoon } from './connection.ts';
import { consumed, storedOnce } from './drafts.ts';
import { whenIdle } from './idle.ts';
import { me, program } from './phase.ts';
import { database, vault } from './phone.ts';
import { addOwn, record } from './records.ts';
import { prepareTimes } from './times.ts';
import type { Act, ReferralRecord } from './types.ts';

export type { Act };

/** The server refuses a longer one. A device left out counts as unseen, which at worst asks a person to choose. */
const BASE_LIMIT_DEVICES = 64;

/** Nobody has been signed in on this phone, or its program was never fetched. */
export class NotReady extends Error {
  override readonly name = 'NotReady';

  constructor() {
    super('Sign in once with a connection before writing a referral on this phone.');
  }
}

/** What the screen had shown: the view's vector, and one's own operations on top of it. */
export function baseOf(shown: ReferralRecord | undefined, device_id: string): Vector {
  if (!shown) return {};
  const base: Vector = { ...shown.view?.vector };
  for (const { device_id: device, seq } of shown.pending) base[device] = Math.max(base[device] ?? 0, seq);
  const entries = Object.entries(base);
  if (entries.length <= BASE_LIMIT_DEVICES) return base;
  const others = entries.filter(([device]) => device !== device_id).slice(0, BASE_LIMIT_DEVICES - 1);
  return Object.fromEntries([...others, ...entries.filter(([device]) => device === device_id)]);
}

/** Has ready what storing and showing an operation needs: the sealing library, the server's key, the words for times. */
export function prepareToSubmit(): void {
  const key = program.peek()?.sealing_key;
  // Without the library now (no network yet, no worker), submitting asks for it again.
  if (key) void prepareSealing(key).catch(() => undefined);
  whenIdle(prepareTimes);
}

/**
 * Stores the acts as operations, in order, and begins to send them. Resolves with their ids only after the IndexedDB
 * transaction completed; with `consumes_draft` the draft leaves in the same transaction.
 * @throws NotReady, DraftGone, OperationTooLarge, VaultClosed; nothing was stored then.
 */
export async function submit(
  referral_id: string,
  acts: Act[],
  options: { consumes_draft?: string } = {},
): Promise<string[]> {
  const who = me.peek();
  const rules = program.peek();
  if (!who || !rules) throw new NotReady();
  const open = vault();
  // Without a vault a draft never is on the phone.
  if (open !== null && options.consumes_draft !== undefined) await storedOnce(options.consumes_draft);
  const base = baseOf(record(referral_id), who.device_id);
  const made_at = new Date().toISOString();
  const operations = acts.map(
    ({ kind, payload, saw = [] }) =>
      ({
        op_id: uuidv7(),
        program_id: who.program_id,
        user_id: who.user_id,
        referral_id,
        kind,
        payload,
        base,
        saw,
        made_at,
        app: { version: appVersion, pack: rules.pack?.hash ?? null },
      }) as Unplaced,
  );
  const stored = await commitOperations(database, {
    device_id: who.device_id,
    vault: open,
    sealing_key: rules.sealing_key,
    operations,
    consumes_draft: open === null ? null : (options.consumes_draft ?? null),
  });
  batch(() => {
    if (options.consumes_draft !== undefined) consumed(options.consumes_draft);
    addOwn(stored);
  });
  exchangeSoon();
  return stored.map(({ op_id }) => op_id);
}
