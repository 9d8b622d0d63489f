/** What of one's own entries gave way to others': told until it was seen. */
import { forgetGaveWay } from '../storage/gave_way.ts';
import { database, vault } from './phone.ts';
import { reloadRecords } from './records.ts';

/** The person has seen what of theirs gave way in these fields. */
export async function sawGaveWay(referral_id: string, keys: readonly string[]): Promise<void> {
  const open = vault();
  if (open === null) return;
  await forgetGaveWay(database, open, referral_id, keys);
  await reloadRecords();
}
