/** The phone's own memory: one connection to its database, and the vault while it is open. */
import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { openDatabase, type Database } from '../storage/database.ts';
import type { OpenVault } from '../storage/vault.ts';

const outdatedSignal = signal(false);
const blockedSignal = signal(false);

/** Another tab runs a newer version of the app: this one can no longer write, and must be reloaded. */
export const outdated: ReadonlySignal<boolean> = outdatedSignal;
/** An older tab keeps the newer version from starting: it must be closed. */
export const blocked: ReadonlySignal<boolean> = blockedSignal;

export const database: Database = openDatabase({
  onBlocked: () => {
    blockedSignal.value = true;
  },
  onOutdated: () => {
    outdatedSignal.value = true;
  },
});

/** True while the phone refuses to store what is typed: the screen must say so. Written by `drafts.ts`. */
export const unsaved: Signal<boolean> = signal(false);

let open: OpenVault | null = null;

/** The vault of the person at work; null while locked, and in write-only work. */
export const vault = (): OpenVault | null => open;

/** For getting in and out alone. Opening another closes the former. */
export function holdVault(next: OpenVault | null): void {
  if (open !== next) open?.close();
  open = next;
}
