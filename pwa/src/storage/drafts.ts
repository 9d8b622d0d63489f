/**
 * Drafts: what a person is still writing, encrypted under the vault.
 *
 * Answers for storing and reading them. When to save is `state/`'s affair; submitting consumes one in `commit.ts`. A
 * draft that was consumed or discarded in another tab does not come back to life through a late save.
 */
import type { Database } from './database.ts';
import { Undecryptable } from './cipher.ts';
import { inTurnHere } from './locks.ts';
import type { OpenVault } from './vault.ts';

export interface StoredDraft<Body extends object = Record<string, unknown>> {
  draft_id: string;
  referral_id: string;
  updated_at: string;
  body: Body;
}

export interface Drafts {
  drafts: StoredDraft[];
  /** Drafts that this vault cannot open. They stay on the phone. */
  unreadable: string[];
}

export const draftData = (draft_id: string, device_id: string): string => `draft|${draft_id}|${device_id}`;

/** Writes a draft in the order asked for; `fresh` ones are added, others only replaced. False if it is gone. */
function put(database: Database, vault: OpenVault, draft: StoredDraft<object>, fresh: boolean): Promise<boolean> {
  const { draft_id, referral_id, updated_at, body } = draft;
  const { device_id } = vault;
  return inTurnHere(`draft-${draft_id}`, async () => {
    const sealed = await vault.encrypt(draftData(draft_id, device_id), { referral_id, body });
    return database.write(['drafts'], async (transaction) => {
      const store = transaction.objectStore('drafts');
      if (!fresh && (await store.getKey(draft_id)) === undefined) return false;
      await store.put({ draft_id, device_id, updated_at, ...sealed });
      return true;
    });
  });
}

/** Stores a new draft. */
export async function createDraft(database: Database, vault: OpenVault, draft: StoredDraft<object>): Promise<void> {
  await put(database, vault, draft, true);
}

/** Stores a draft again. False if it was submitted or discarded meanwhile; nothing is then written. */
export const saveDraft = (database: Database, vault: OpenVault, draft: StoredDraft<object>): Promise<boolean> =>
  put(database, vault, draft, false);

/** The drafts of the vault's device, the latest first. */
export async function readDrafts(database: Database, vault: OpenVault): Promise<Drafts> {
  const { device_id } = vault;
  const rows = await database.read(['drafts'], (transaction) =>
    transaction.objectStore('drafts').index('by_device').getAll(device_id),
  );
  const found: Drafts = { drafts: [], unreadable: [] };
  for (const row of rows) {
    try {
      const content = (await vault.decrypt(draftData(row.draft_id, device_id), row)) as Omit<StoredDraft, 'draft_id' | 'updated_at'>;
      found.drafts.push({ draft_id: row.draft_id, updated_at: row.updated_at, ...content });
    } catch (error) {
      if (!(error instanceof Undecryptable)) throw error;
      found.unreadable.push(row.draft_id);
    }
  }
  found.drafts.sort((one, other) => (one.updated_at < other.updated_at ? 1 : -1));
  return found;
}

/** Removes a draft for good: a person declined, discarded it, or the shift ended. */
export const discardDraft = (database: Database, draft_id: string): Promise<void> =>
  inTurnHere(`draft-${draft_id}`, () =>
    database.write(['drafts'], (transaction) => transaction.objectStore('drafts').delete(draft_id)),
  );

/** Whether anybody is writing anything on this phone. */
export const anyDrafts = async (database: Database): Promise<boolean> =>
  (await database.read(['drafts'], (transaction) => transaction.objectStore('drafts').count())) > 0;
