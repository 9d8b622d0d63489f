/**
 * From what a person did to operations stored on this phone.
 *
 * Answers for what an operation says of its circumstances: who, when, by which clock, under which rules, and what the
 * screen had shown (`base`). Numbers, digest, signature and sealing are `storage/commit.ts`'s.
 */
import { batch } from '@preact/signals';
import { uuidv7 } from '../domain/uuid.ts';
import { commitOperations, foresee, type Unplaced } from '../storage/commit.ts';
import { appVersion } from './app.ts';
import { baseOf } from './base.ts';
import { exchangeSoon } from './connection.ts';
import { consumed, hold } from './drafts.ts';
import { whenIdle } from './idle.ts';
import { packInForce } from './packs.ts';
import { me, program } from './phase.ts';
import { database, vault } from './phone.ts';
import { addOwn, record } from './records.ts';
import { prepareTimes } from './times.ts';
import type { Act, Me, ReferralRecord } from './types.ts';

export type { Act };

/** Nobody has been signed in on this phone, or its program was never fetched. */
export class NotReady extends Error {
  override readonly name = 'NotReady';

  constructor() {
    super('Sign in once with a connection before writing a referral on this phone.');
  }
}

/** As many operations as one tap makes at most while somebody waits: those of an alert. */
const BLANK: readonly Act[] = Array<Act>(4).fill({ kind: 'note.add', payload: { text: '' } });

/** Ids whose seals are prepared, in the order of their numbers. Each is used once. */
let foreseen: string[] = [];

/** Has ready what storing and showing operations needs: place, ids, seals, the sealing library, the words for times. */
export function prepareToSubmit(referral_id: string): void {
  whenIdle(() => {
    prepareTimes();
    const who = me.peek();
    const sealing_key = program.peek()?.sealing_key;
    if (!who || !sealing_key) return;
    foreseen = [];
    const operations = operationsOf(referral_id, BLANK, who, null);
    foreseen = operations.map(({ op_id }) => op_id);
    // What fails now (no network yet, no worker: no library) is asked for again when submitting.
    void foresee(database, { device_id: who.device_id, vault: null, sealing_key, operations }).catch(() => undefined);
  });
}

function operationsOf(
  referral_id: string,
  acts: readonly Act[],
  who: Me,
  pack: string | null,
  shown: ReferralRecord | undefined = record(referral_id),
): Unplaced[] {
  const base = baseOf(shown, who.device_id);
  const made_at = new Date().toISOString();
  const { program_id, user_id } = who;
  return acts.map(({ kind, payload, saw = [] }) => {
    const app = { version: appVersion, pack };
    return { op_id: foreseen.shift() ?? uuidv7(), program_id, user_id, referral_id, kind, payload, base, saw, made_at, app } as Unplaced;
  });
}

/**
 * Stores the acts as operations, in order, and begins to send them. Resolves with their ids only after the IndexedDB
 * transaction completed; with `consumes_draft` the draft leaves in the same transaction. `pack` is the hash of the rules
 * that it went by, where those are not the ones in force. `shown` is the referral as the screen had it, where that may be older than
 * what the phone knows. `stored` is told the ids while the operations come to the screen, so
 * that a screen which then goes elsewhere is drawn once.
 * @throws NotReady, DraftGone, OperationTooLarge, VaultClosed; nothing was stored then.
 */
export async function submit(
  referral_id: string,
  acts: Act[],
  options: {
    consumes_draft?: string;
    corrects?: string;
    pack?: string | null;
    shown?: ReferralRecord | undefined;
    stored?: (op_ids: string[]) => void;
  } = {},
): Promise<string[]> {
  const who = me.peek();
  const rules = program.peek();
  if (!who || !rules) throw new NotReady();
  const open = vault();
  const draft_id = options.consumes_draft;
  const { pack = packInForce.peek()?.hash ?? null } = options;
  const release = draft_id === undefined ? null : await hold(draft_id);
  try {
    const stored = await commitOperations(database, {
      device_id: who.device_id,
      vault: open,
      sealing_key: rules.sealing_key,
      operations: operationsOf(referral_id, acts, who, pack, options.shown),
      // Without a vault a draft never is on the phone.
      consumes_draft: open === null ? null : (draft_id ?? null),
      ...(options.corrects && { corrects: options.corrects }),
    });
    const op_ids = stored.map(({ op_id }) => op_id);
    batch(() => {
      if (draft_id !== undefined) consumed(draft_id);
      addOwn(stored);
      options.stored?.(op_ids);
    });
    // The words come first: they are on the screen when this task ends.
    setTimeout(exchangeSoon);
    return op_ids;
  } finally {
    release?.();
  }
}
