/** What a person chose for the look of the app, kept on the phone in clear. */
import { readSetting, writeSetting } from '../storage/settings.ts';
import { language, type Language } from './language.ts';
import { database } from './phone.ts';
import { theme, type Theme } from './theme.ts';

export { language, theme };

/** Before the vault opens: the lock screen speaks the language chosen, too. */
export async function readPreferences(): Promise<void> {
  try {
    const [spoken, light] = await Promise.all([readSetting(database, 'language'), readSetting(database, 'theme')]);
    if (spoken === 'en' || spoken === 'es') language.value = spoken;
    if (light === 'night' || light === 'day' || light === 'system') theme.value = light;
  } catch {
    // A browser that keeps nothing has no preferences either; signing in says what to do.
  }
}

/** Not being able to remember a preference is no reason to refuse it. */
const remember = (name: string, value: string): void => void writeSetting(database, name, value).catch(() => undefined);

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  remember('language', chosen);
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  remember('theme', chosen);
}
