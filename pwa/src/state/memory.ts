/** What the page itself remembers while it runs: the open vault, and what is wrong with the storage. */
import { signal, type Signal } from '@preact/signals';
import type { OpenVault } from '../storage/vault.ts';

/** Another tab runs a newer version of the app: this one can no longer write, and must be reloaded. Written by `phone.ts`. */
export const outdated: Signal<boolean> = signal(false);
/** An older tab keeps the newer version from starting: it must be closed. Written by `phone.ts`. */
export const blocked: Signal<boolean> = signal(false);
/** True while the phone refuses to store what is typed: the screen must say so. Written by `drafts.ts`. */
export const unsaved: Signal<boolean> = signal(false);

/** The server wants a fresh proof of who is at the phone: the shell asks for it. Written by `proof.ts`. */
export const proofAsked: Signal<boolean> = signal(false);

let open: OpenVault | null = null;

/** The vault of the person at work; null while locked, and in write-only work. */
export const vault = (): OpenVault | null => open;

/** For getting in and out alone. Opening another closes the former. */
export function holdVault(next: OpenVault | null): void {
  if (open !== next) open?.close();
  open = next;
}
