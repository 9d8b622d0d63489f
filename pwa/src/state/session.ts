/**
 * Getting in and out: unlock, lock, sign out, change of officer, and writing without a key.
 *
 * Part of the first screen, so without the storage: who is enrolled is `enrolments.ts`, opening the vault `unlocking.ts`,
 * signing in `access.ts`; they arrive together when they are needed. Nothing here ever touches unsent work.
 */
import { holdVault } from './memory.ts';
import { forgetOpened, me, phase, settle, write } from './phase.ts';
import { goInstead } from './router.ts';

export {
  bootstrap, callable, demo, knownOfficers, me, phase, program, signedIn, type KnownOfficer, type Me, type Phase,
} from './phase.ts';

export type SignInResult =
  | { ok: true }
  | { ok: false; why: 'refused' | 'offline' | 'server' | 'storage' | 'device' | 'old_passphrase' | 'code' }
  | { ok: false; why: 'passkey_not_used' | 'passkey_unknown' | 'passkey_shut' | 'passkey_only' | 'code_wrong' }
  | { ok: false; why: 'too_many'; minutes: number };

const later = (): Promise<typeof import('./later.ts')> => import('./later.ts');

/** Chooses who is at the phone; null shows everyone to choose from. */
export function chooseOfficer(device_id: string | null): void {
  write.phase.value = 'locked';
  if (device_id === null) {
    write.me.value = null;
    return;
  }
  void later().then(({ takeOfficer }) => takeOfficer(device_id));
}

/** The sign-in form, for somebody new on this phone or with a passphrase changed elsewhere. */
export function signInInstead(): void {
  if (phase.peek() === 'open') return void lock().then(signInInstead);
  write.phase.value = 'sign_in';
}

/**
 * Opens the phone with the passphrase; needs no network. While it is open already this only says whether the
 * passphrase is right (a phone handed over and taken back).
 */
export const unlock = async (passphrase: string): Promise<boolean> => (await later()).unlock(passphrase);

/** Stores what is being written, then drops the key and what it opened. */
export async function lock(): Promise<void> {
  if (phase.peek() !== 'open' && phase.peek() !== 'write_only') return;
  await settle();
  write.phase.value = 'locked';
  holdVault(null);
  forgetOpened();
}

/** Ends the session on the server if it can be reached, and locks. Work that waits is still sent. */
export async function signOut(): Promise<void> {
  await lock();
  write.signedIn.value = false;
  chooseOfficer(null);
  goInstead('/');
  await (await later()).endSession();
}

/** Locks, and asks who is at the phone. */
export function switchOfficer(): void {
  void lock().then(() => {
    write.signedIn.value = false;
    chooseOfficer(null);
    goInstead('/');
  });
}

/** One referral in one sitting, unsigned, without the key of this phone. */
export function writeOnly(): void {
  if (!me.peek()) return;
  goInstead('/');
  write.phase.value = 'write_only';
}

/** Signs in with the server, enrolling this phone the first time; without a network it unlocks a phone enrolled before. */
export async function signIn(login: string, passphrase: string, code?: string | null): Promise<SignInResult> {
  try {
    return await (await later()).signIn(login, passphrase, code);
  } catch (error) {
    console.error(error);
    // A TypeError is what browsers call code that did not arrive.
    return { ok: false, why: error instanceof TypeError ? 'offline' : 'server' };
  }
}
