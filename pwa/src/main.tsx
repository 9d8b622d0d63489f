/** Starts the app: words and light, who is at the phone, the screen; then everything that is not the first screen. */
import { render } from 'preact';
import { addShell } from './screens/messages/index.ts';
import { Shell } from './screens/shell.tsx';
import { whenIdle } from './state/idle.ts';
import { followLanguage } from './state/language.ts';
import { start } from './state/session.ts';
import { followTheme } from './state/theme.ts';

// The storage answers while the first screen is being made.
const started = start();
addShell();
followTheme();
followLanguage(document.documentElement);
render(<Shell />, document.getElementById('app')!);
// If it does not arrive now, opening the phone asks for it again.
const rest = (): Promise<void> => import('./state/later.ts').then(({ begin }) => begin(), () => undefined);
void started.then(() => whenIdle(rest));
