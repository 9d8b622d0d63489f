/** The phone's own memory: one connection to its database, and the vault while it is open. Not part of the first screen. */
import { openDatabase, type Database } from '../storage/database.ts';
import { blocked, outdated } from './memory.ts';

export { blocked, holdVault, outdated, unsaved, vault } from './memory.ts';

export const database: Database = openDatabase({
  onBlocked: () => {
    blocked.value = true;
  },
  onOutdated: () => {
    outdated.value = true;
  },
  onFull: (stores, times) => import('./room.ts').then((room) => room.free(stores, times), () => false),
});
