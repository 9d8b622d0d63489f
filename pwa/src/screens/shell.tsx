/** The frame of the app: bar, phase, the screens of one's role, and the live region. */
import { announced } from '../state/announce.ts';
import { t } from '../state/language.ts';
import { proofAsked } from '../state/memory.ts';
import { paged, route } from '../state/router.ts';
import { me, phase } from '../state/session.ts';
import type { Role } from '../state/types.ts';
import { Bar } from './parts/bar.tsx';
import { Blank, Lazy, lazily } from './parts/lazy.tsx';
import SignIn from './sign_in.tsx';

const answer = lazily(() => import('./answer.tsx'), 'answer');
const setup = lazily(() => import('./setup.tsx'), 'lock', 'parts');
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

/** Fetches what the first screen shows where that comes later: drawn once, and not after a screen that says to wait. */
export async function prepareShell(): Promise<void> {
  if (phase.peek() === 'locked') await (asked() ? answer : unlock)().catch(() => undefined);
}

/** Whoever taps on a page answers first, and unlocks afterwards. What is written without a key is lost when it is left. */
const asked = (): boolean => route.value.name === 'answer' && paged.value !== null && phase.value !== 'write_only';

function Content() {
  if (asked()) return <Lazy load={answer} props={{}} />;
  const { name } = route.value;
  if (name === 'join' || name === 'openid') return <Lazy load={setup} props={{ what: name }} />;
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
      return <Lazy load={name === 'me' ? settings : ROOMS[me.value?.role ?? 'officer']} props={{}} />;
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
      {proofAsked.value && <Lazy inside load={setup} props={{ what: 'proof' }} />}
      <div class="hidden" role="status" aria-live="polite">
        {announced.value}
      </div>
    </>
  );
}
