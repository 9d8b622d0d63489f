/**
 * Who uses this phone, and whether it is open: the signals that every screen derives from.
 *
 * Answers for the phase, the person, the program kept on the phone, and locking. Getting in (sign-in, unlocking,
 * enrolment) is `session.ts` and what it names; what the open phone holds is `records.ts` and `drafts.ts`, which register
 * here to be told before the key is dropped and after.
 */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Bootstrap, Me, ProgramDocument } from './types.ts';

/**
 * `write_only`: the key of this phone is gone or the passphrase lost; one referral may still be written in one sitting
 * and sent, unsigned.
 */
export type Phase = 'starting' | 'sign_in' | 'locked' | 'open' | 'write_only';

/** An enrolment on this phone: enough to choose who one is, no more than the login name. */
export interface KnownOfficer {
  device_id: string;
  login: string;
  /** False when the wraps of the vault are gone: only signing in again or write-only remains. */
  unlockable: boolean;
  /** Wrong passphrases in a row: at the limit they took the wraps, and not the server. */
  wrong?: number;
  /** Passkeys that open the vault, by their ids. Missing, like the next, in what an older version has stored. */
  passkeys?: string[];
  /** False where no passphrase opens it. */
  passphrase?: boolean;
}

/** The staffed line of a program. */
export type Line = Pick<ProgramDocument, 'call_number' | 'call_name'>;

const currentPhase = signal<Phase>('starting');
const currentMe = signal<Me | null>(null);
const currentProgram = signal<ProgramDocument | null>(null);
const sessionAlive = signal(false);
const officers = signal<KnownOfficer[]>([]);
const inDemo = signal(false);
const sessionRefused = signal(false);
const lineKnown = signal<Line | null>(null);
const bootstrapAnswer = signal<Bootstrap | null>(null);

export const phase: ReadonlySignal<Phase> = currentPhase;
/** Set from the moment an officer is chosen, locked or not; null on the sign-in screen. */
export const me: ReadonlySignal<Me | null> = currentMe;
/** The program of the person chosen, from the phone when there is no network. */
export const program: ReadonlySignal<ProgramDocument | null> = currentProgram;
/** The server is believed to know this session. */
export const signedIn: ReadonlySignal<boolean> = sessionAlive;
/** The server wants this person to sign in again before it takes or gives anything. */
export const refused: ReadonlySignal<boolean> = sessionRefused;
/** Everyone enrolled on this phone. */
export const knownOfficers: ReadonlySignal<KnownOfficer[]> = officers;
/** The server said that it holds invented people only. */
export const demo: ReadonlySignal<boolean> = inDemo;
/** What the server says to anyone: its name, and in demo mode the accounts to try. */
export const bootstrap: ReadonlySignal<Bootstrap | null> = bootstrapAnswer;
/** The staffed line; there whenever this phone has ever fetched a program. */
export const callable: ReadonlySignal<Line | null> = computed(() => {
  const line = currentProgram.value ?? lineKnown.value;
  return line && { call_number: line.call_number, call_name: line.call_name };
});

/** For getting in and out, and for `exchange.ts`: screens read the signals above. `line` holds until the program has come. */
export const write = {
  phase: currentPhase,
  me: currentMe,
  program: currentProgram,
  line: lineKnown,
  signedIn: sessionAlive,
  refused: sessionRefused,
  officers,
  demo: inDemo,
  bootstrap: bootstrapAnswer,
};

type Hook = () => void | Promise<void>;
const beforeLocking = new Set<Hook>();
const afterLocking = new Set<() => void>();
const SETTLE_LIMIT_MS = 3000;

/** Runs before the key is dropped, while writing is still possible. One that fails does not keep the phone open. */
export function beforeLock(hook: Hook): void {
  beforeLocking.add(hook);
}

/** Runs when the key is gone: what was readable must leave the memory too. */
export function afterLock(hook: () => void): void {
  afterLocking.add(hook);
}

/** Stores what is being written. A storage that hangs must not keep the phone open. */
export async function settle(): Promise<void> {
  const work = Promise.allSettled([...beforeLocking].map(async (hook) => hook()));
  await Promise.race([work, new Promise((resolve) => setTimeout(resolve, SETTLE_LIMIT_MS))]);
}

export function forgetOpened(): void {
  for (const hook of afterLocking) hook();
}

export type { Me };
