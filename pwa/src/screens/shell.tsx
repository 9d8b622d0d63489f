/** The frame of the app: bar, phase, the screens of one's role, and the live region. */
import { announced } from '../state/announce.ts';
import { t } from '../state/language.ts';
import { route } from '../state/router.ts';
import { me, phase } from '../state/session.ts';
import type { Role } from '../state/types.ts';
import { Bar } from './parts/bar.tsx';
import { Blank, Lazy, lazily } from './parts/lazy.tsx';
import SignIn from './sign_in.tsx';

const unlock = lazily(() => import('./unlock.tsx'), 'lock', 'parts');
const settings = lazily(() => import('./me.tsx'), 'settings', 'parts');
const officer = lazily(() => import('./officer/index.tsx'), 'officer', 'parts');
const coordinator = lazily(() => import('./coordinator/index.tsx'), 'coordinator', 'staff', 'parts');
const desk = lazily(() => import('./desk/index.tsx'), 'desk', 'staff', 'parts');

const ROOMS: Record<Role, typeof officer> = {
  officer,
  partner: officer,
  coordinator,
  case_manager: coordinator,
  supervisor: desk,
  sergeant: desk,
  administrator: desk,
  prosecutor: desk,
  evaluator: desk,
};

/** Fetches the lock where that is what the first screen shows: drawn once, and not after a screen that says to wait. */
export async function prepareShell(): Promise<void> {
  if (phase.peek() !== 'locked') return;
  await unlock().catch(() => undefined);
}

function Content() {
  switch (phase.value) {
    case 'starting':
      return <Blank word={t('starting')} />;
    case 'sign_in':
      return <SignIn />;
    case 'locked':
      return <Lazy load={unlock} props={{}} />;
    case 'write_only':
      return <Lazy load={officer} props={{}} />;
    case 'open':
      return <Lazy load={route.value.name === 'me' ? settings : ROOMS[me.value?.role ?? 'officer']} props={{}} />;
  }
}

const focusHeading = (): void => document.querySelector<HTMLElement>('h1')?.focus();

export function Shell() {
  return (
    <>
      <button type="button" class="button skip hidden" onClick={focusHeading}>
        {t('skip_to_main')}
      </button>
      <Bar />
      <Content />
      <div class="hidden" role="status" aria-live="polite">
        {announced.value}
      </div>
    </>
  );
}
