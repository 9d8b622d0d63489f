/** Telling the server that an answered referral was opened, which keeps the answer alive. Once per answer; tried again when reconnected. */
import { call } from '../../transport/client.ts';

const told = new Set<string>();

/** `acknowledgement` is the operation that stands; a later answer by the same person is told anew. */
export function tellOpened(referral_id: string, acknowledgement: string): void {
  if (told.has(acknowledgement)) return;
  told.add(acknowledgement);
  call('POST', `/api/referrals/${referral_id}/opened`).catch(() => told.delete(acknowledgement));
}
