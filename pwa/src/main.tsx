/** Starts the app: words and light, the screen, who is at the phone; then everything that is not the first screen. */
import { render } from 'preact';
import { addShell } from './screens/messages/index.ts';
import { Shell } from './screens/shell.tsx';
import { followLanguage } from './state/language.ts';
import { readPreferences } from './state/preferences.ts';
import { start } from './state/session.ts';
import { followTheme } from './state/theme.ts';

addShell();
followTheme();
followLanguage(document.documentElement);
render(<Shell />, document.getElementById('app')!);
await Promise.all([readPreferences(), start()]);
// If it does not arrive now, opening the phone asks for it again.
await import('./state/later.ts').then(({ begin }) => begin(), () => undefined);
