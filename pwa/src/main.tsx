/** Starts the app: words, light, the phone's own memory, the screen; then the worker and the exchange. */
import { render } from 'preact';
import { addShell } from './screens/messages/index.ts';
import { Shell } from './screens/shell.tsx';
import { startApp } from './state/app.ts';
import { startClock } from './state/clock.ts';
import { startConnection } from './state/connection.ts';
import { followLanguage } from './state/language.ts';
import { readPreferences } from './state/preferences.ts';
import { start } from './state/session.ts';
import { followTheme } from './state/theme.ts';
import { startTimers } from './state/timers.ts';

addShell();
followTheme();
followLanguage(document.documentElement);
render(<Shell />, document.getElementById('app')!);
startClock();
startTimers();
await Promise.all([readPreferences(), start()]);
startConnection();
await startApp();
