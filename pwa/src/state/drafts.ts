/**
 * Drafts: every change at once in memory, coalesced to the phone's storage within 300 ms.
 *
 * Answers for when to save; `storage/drafts.ts` for how. Hiding, leaving and locking flush first, so killing the
 * browser loses the last moment at most. Without a vault (write-only work) drafts live in memory alone.
 */
import { signal, type ReadonlySignal } from '@preact/signals';
import { uuidv7 } from '../domain/uuid.ts';
import { createDraft, discardDraft, readDrafts, saveDraft } from '../storage/drafts.ts';
import { VaultClosed, type OpenVault } from '../storage/vault.ts';
import { tell } from '../transport/broadcast.ts';
import { afterLock, beforeLock } from './phase.ts';
import { database, unsaved, vault } from './phone.ts';
import { stale } from './since.ts';
import type { Draft, DraftBody } from './types.ts';

export type { Draft, DraftBody };

export const SAVE_WITHIN_MS = 300;

const list = signal<Draft[]>([]);
const lost = signal(0);

/** Newest first. */
export const drafts: ReadonlySignal<Draft[]> = list;
/** Drafts that the vault does not open; they stay on the phone and are counted. */
export const unreadableDrafts: ReadonlySignal<number> = lost;

/** Names this tab to the others, which read again what it has stored. */
export const THIS_TAB = crypto.randomUUID();

const dirty = new Set<string>();
const fresh = new Set<string>();
/** How often each is on its way to storage: what is read meanwhile may be older than the memory. */
const storing = new Map<string, number>();
/** Being stored for the first time. */
const creating = new Map<string, Promise<void>>();
/** On their way to become operations. */
const held = new Set<string>();
/** Submitted or discarded: a reading that began before must not bring them back. */
const gone = new Set<string>();
/** Counts changes here, so that a reading that one overtook is not believed. */
let changes = 0;
let timer: ReturnType<typeof setTimeout> | null = null;

/** Reads the drafts of the vault just opened. */
export async function openDrafts(open: OpenVault): Promise<void> {
  if (stale.peek()) return;
  const found = await readDrafts(database, open);
  list.value = found.drafts;
  lost.value = found.unreadable.length;
}

/** Reads again what another tab may have changed. What this tab has not stored yet stays as it is here. */
export async function reloadDrafts(): Promise<void> {
  const open = vault();
  if (open === null || stale.peek()) return;
  const before = changes;
  const found = await readDrafts(database, open);
  if (vault() !== open) return;
  if (changes !== before) return reloadDrafts();
  const stored = found.drafts.filter(({ draft_id }) => !isAhead(draft_id) && !gone.has(draft_id));
  list.value = [...list.peek().filter(({ draft_id }) => isAhead(draft_id)), ...stored];
  lost.value = found.unreadable.length;
}

const isAhead = (draft_id: string): boolean => dirty.has(draft_id) || (storing.get(draft_id) ?? 0) > 0;

const tellOtherTabs = (): void => tell({ type: 'drafts', by: THIS_TAB });

function schedule(draft_id: string): void {
  changes += 1;
  dirty.add(draft_id);
  // Not put off by further typing: the first unsaved change decides.
  timer ??= setTimeout(() => void flushDrafts(), SAVE_WITHIN_MS);
}

function forget(draft_id: string): void {
  changes += 1;
  gone.add(draft_id);
  dirty.delete(draft_id);
  fresh.delete(draft_id);
  list.value = list.peek().filter((draft) => draft.draft_id !== draft_id);
}

/** Begins a draft. `referral_id` is given where it adds to an existing referral. */
export function newDraft<Body extends DraftBody>(body: Body, referral_id: string = uuidv7()): Draft<Body> {
  const draft = { draft_id: uuidv7(), referral_id, updated_at: new Date().toISOString(), body };
  list.value = [draft, ...list.peek()];
  fresh.add(draft.draft_id);
  schedule(draft.draft_id);
  return draft;
}

/** Merges the patch into the body, at once in memory. */
export function edit(draft_id: string, patch: DraftBody): void {
  const updated_at = new Date().toISOString();
  list.value = list
    .peek()
    .map((draft) => (draft.draft_id === draft_id ? { ...draft, updated_at, body: { ...draft.body, ...patch } } : draft));
  schedule(draft_id);
}

export async function discard(draft_id: string): Promise<void> {
  forget(draft_id);
  await discardDraft(database, draft_id);
  tellOtherTabs();
}

/** The draft became operations: it is no longer on the phone. */
export function consumed(draft_id: string): void {
  forget(draft_id);
  // The person's own screen comes first.
  setTimeout(tellOtherTabs);
}

function create(open: OpenVault, draft: Draft): Promise<void> {
  const { draft_id } = draft;
  const stored = createDraft(database, open, draft).finally(() => creating.delete(draft_id));
  creating.set(draft_id, stored);
  return stored;
}

async function save(open: OpenVault, draft: Draft): Promise<void> {
  const { draft_id } = draft;
  dirty.delete(draft_id);
  const isNew = fresh.delete(draft_id);
  storing.set(draft_id, (storing.get(draft_id) ?? 0) + 1);
  try {
    if (isNew) await create(open, draft);
    // Submitted or discarded in another tab: it must not come back.
    else if (!(await saveDraft(database, open, draft))) forget(draft_id);
    unsaved.value = false;
    tellOtherTabs();
  } catch (error) {
    dirty.add(draft_id);
    if (isNew) fresh.add(draft_id);
    if (error instanceof VaultClosed) return;
    unsaved.value = true;
    timer ??= setTimeout(() => void flushDrafts(), SAVE_WITHIN_MS * 10);
  } finally {
    changes += 1;
    storing.set(draft_id, (storing.get(draft_id) ?? 1) - 1);
  }
}

/**
 * A draft must be on the phone before the transaction that consumes it. What was typed since it was first stored need not
 * be: it is in the operations that take its place. So storing it stops here; the returned function lets it go on, if
 * those failed and there is still something to store.
 */
export async function hold(draft_id: string): Promise<() => void> {
  if (fresh.has(draft_id)) await flushDrafts();
  else await creating.get(draft_id);
  held.add(draft_id);
  return () => {
    held.delete(draft_id);
    if (dirty.has(draft_id)) schedule(draft_id);
  };
}

/** Resolves when everything typed so far is on the phone, or could not be stored (then `unsaved` says so). */
export async function flushDrafts(): Promise<void> {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  const open = vault();
  if (open === null) return;
  const changed = list.peek().filter(({ draft_id }) => dirty.has(draft_id) && !held.has(draft_id));
  await Promise.all(changed.map((draft) => save(open, draft)));
}

function flushWhenHidden(): void {
  if (globalThis.document.visibilityState === 'hidden') void flushDrafts();
  else void reloadDrafts();
}

beforeLock(flushDrafts);
afterLock(() => {
  if (timer !== null) clearTimeout(timer);
  timer = null;
  dirty.clear();
  fresh.clear();
  storing.clear();
  gone.clear();
  list.value = [];
  lost.value = 0;
  unsaved.value = false;
});
globalThis.document?.addEventListener('visibilitychange', flushWhenHidden);
globalThis.addEventListener?.('pagehide', () => void flushDrafts());
