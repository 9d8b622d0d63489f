/** Signing in with a passkey alone, from the page where the passphrase is asked for. */
import { openVault } from '../storage/vault.ts';
import { devices, forked, newest, refusalOf, settleIn } from './access.ts';
import { enrolAndEnter } from './enrolling.ts';
import { tapKey } from './passkeys.ts';
import { beginSession, enrolAgain } from './renewal.ts';
import type { SignInResult } from './session.ts';
import type { SessionAnswer } from './types.ts';

/** One tap: asks for the passkey at once, before anything is awaited. */
export async function signInByPasskey(): Promise<SignInResult> {
  const used = await tapKey();
  if (used.how !== 'used') return { ok: false, why: 'passkey_not_used' };
  if (used.answer === null) return { ok: false, why: 'offline' };
  const rows = await devices();
  if (!rows) return { ok: false, why: 'storage' };
  const { credential } = used.answer;
  const opened = newest(rows, ({ wraps }) => wraps.some((wrap) => wrap.kind === 'passkey' && wrap.credential_id === credential['id']));
  let session: SessionAnswer;
  try {
    session = await beginSession('/api/session/passkey', used.answer, opened?.device_id ?? null);
  } catch (error) {
    const refusal = refusalOf(error);
    return refusal.why === 'refused' ? { ok: false, why: 'passkey_unknown' } : refusal;
  }
  const mine = newest(rows, (row) => row.user_id === session.user.id);
  if (used.secret === null) return { ok: false, why: 'passkey_shut' };
  const former = forked(rows, session);
  if (!mine || former) return enrolAndEnter(session, used.secret, former);
  const vault = await openVault(mine, used.secret);
  return vault ? settleIn(await enrolAgain(mine), vault, session) : { ok: false, why: 'passkey_shut' };
}
