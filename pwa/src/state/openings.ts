/** Noting who looked at whom: each opening of a referral's screen, once in a while, for the audit. */
import { useEffect } from 'preact/hooks';
import { storeOpening } from '../transport/openings.ts';
import { me } from './phase.ts';
import { database } from './phone.ts';

/** Going to and fro between two screens is one look. */
const ONE_LOOK_MS = 10 * 60_000;
const looked = new Map<string, number>();

/** Notes that the person on this phone opens a referral now. The screen does not wait for it. */
export function noteOpening(referral_id: string, now_ms: number = Date.now()): void {
  const device_id = me.peek()?.device_id;
  if (device_id === undefined) return;
  const look = `${device_id}|${referral_id}`;
  const before = looked.get(look);
  if (before !== undefined && now_ms - before < ONE_LOOK_MS) return;
  looked.set(look, now_ms);
  storeOpening(database, device_id, referral_id, new Date(now_ms).toISOString()).catch(() => looked.delete(look));
}

/** For a screen that shows one referral. */
export function useOpening(referral_id: string): void {
  useEffect(() => noteOpening(referral_id), [referral_id]);
}
