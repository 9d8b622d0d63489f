/** Starts the app: words and light, who is at the phone, the screen; then everything that is not the first screen. */
import { render } from 'preact';
import { addShell } from './screens/messages/index.ts';
import { prepareShell, Shell } from './screens/shell.tsx';
import { takeGlance } from './state/glance.ts';
import { whenIdle } from './state/idle.ts';
import { followLanguage } from './state/language.ts';
import { phase, write } from './state/phase.ts';
import { followTheme } from './state/theme.ts';

async function rest(): Promise<void> {
  const later = await import('./state/later.ts').catch(() => null);
  if (later === null) {
    // Signing in or opening the phone asks for it again, and says so if it does not come.
    if (phase.peek() === 'starting') write.phase.value = 'sign_in';
    return;
  }
  await later.readPhone();
  later.begin();
}

takeGlance();
addShell();
followTheme();
followLanguage(document.documentElement);
// Not awaited here: what it fetches imports this very file.
void prepareShell().then(() => {
  render(<Shell />, document.getElementById('app')!);
  // Waited for, the storage must answer at once; otherwise the first screen comes first.
  if (phase.peek() === 'starting') void rest();
  else whenIdle(rest);
});
