/** Settings of this browser profile, in clear: language, theme, the device used last. Never anything about a person. */
import type { Database } from './database.ts';
import type { SettingRow } from './schema.ts';

export type SettingValue = SettingRow['value'];

export const writeSetting = (database: Database, name: string, value: SettingValue): Promise<void> =>
  database.write(['settings'], async (transaction) => {
    await transaction.objectStore('settings').put({ name, value });
  });

export const readSetting = async (database: Database, name: string): Promise<SettingValue | undefined> =>
  (await database.read(['settings'], (transaction) => transaction.objectStore('settings').get(name)))?.value;
