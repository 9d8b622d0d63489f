/** What lies in this browser profile before anybody has unlocked it: for the first screen, in one transaction. */
import type { Database } from './database.ts';
import type { DeviceRow } from './schema.ts';
import type { SettingValue } from './settings.ts';

export interface Profile {
  settings: ReadonlyMap<string, SettingValue>;
  devices: DeviceRow[];
}

export const readProfile = (database: Database): Promise<Profile> =>
  database.read(['settings', 'devices'], async (transaction) => {
    const [settings, devices] = await Promise.all([
      transaction.objectStore('settings').getAll(),
      transaction.objectStore('devices').getAll(),
    ]);
    return { settings: new Map(settings.map(({ name, value }) => [name, value])), devices };
  });
