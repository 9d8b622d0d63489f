/** What a person chose for the look of the app, kept on the phone in clear. */
import type { Profile } from '../storage/profile.ts';
import { writeSetting } from '../storage/settings.ts';
import { fromBrowser, isLanguage, language, type Language } from './language.ts';
import { database } from './phone.ts';
import { chosenTheme, isTheme, theme, type Theme } from './theme.ts';

export { language, theme };

/** Before the vault opens: the lock screen speaks the language chosen, too. */
export function takePreferences({ settings }: Profile): void {
  const [spoken, light] = [settings.get('language'), settings.get('theme')];
  language.value = isLanguage(spoken) ? spoken : fromBrowser();
  chosenTheme.value = isTheme(light) ? light : null;
}

/** Not being able to remember a preference is no reason to refuse it. */
const remember = (name: string, value: string): void => void writeSetting(database, name, value).catch(() => undefined);

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  remember('language', chosen);
}

export function chooseTheme(chosen: Theme): void {
  chosenTheme.value = chosen;
  remember('theme', chosen);
}
