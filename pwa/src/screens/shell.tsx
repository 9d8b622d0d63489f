/** The frame of the app: bar, phase, the screens of one's role, and the live region. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { announced } from '../state/announce.ts';
import { t } from '../state/language.ts';
import { route } from '../state/router.ts';
import { me, phase } from '../state/session.ts';
import type { Role } from '../state/types.ts';
import { addMessages, type Room } from './messages/index.ts';
import { Bar } from './parts/bar.tsx';
import { Button } from './parts/button.tsx';
import { Screen } from './parts/screen.tsx';
import SignIn from './sign_in.tsx';
import Unlock from './unlock.tsx';

type Screens = Promise<{ default: ComponentType }>;

const screens: Record<Room, () => Screens> = {
  officer: () => import('./officer/index.tsx'),
  coordinator: () => import('./coordinator/index.tsx'),
  desk: () => import('./desk/index.tsx'),
};

const ROOMS: Record<Role, Room> = {
  officer: 'officer',
  partner: 'officer',
  coordinator: 'coordinator',
  case_manager: 'coordinator',
  supervisor: 'desk',
  sergeant: 'desk',
  administrator: 'desk',
  prosecutor: 'desk',
  evaluator: 'desk',
};

async function loadRoom(room: Room): Screens {
  const [loaded] = await Promise.all([screens[room](), addMessages(room)]);
  return loaded;
}

const loadMe = (): Screens => import('./me.tsx');
const roomLoaders: Record<Room, () => Screens> = {
  officer: () => loadRoom('officer'),
  coordinator: () => loadRoom('coordinator'),
  desk: () => loadRoom('desk'),
};

/** Screens that arrive when they are first needed; offline they come from the service worker. */
function Lazy({ load }: { load: () => Screens }) {
  const [loaded, setLoaded] = useState<{ load: () => Screens; Content: ComponentType | null } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let current = true;
    load().then(
      ({ default: Content }) => current && setLoaded({ load, Content }),
      () => current && setLoaded({ load, Content: null }),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  if (loaded?.load !== load) return <Blank word={t('loading')} />;
  if (loaded.Content) return <loaded.Content />;
  return (
    <Screen
      title={t('could_not_load')}
      main={
        <Button kind="act" onClick={() => setAttempt(attempt + 1)}>
          {t('try_again')}
        </Button>
      }
    />
  );
}

function Blank({ word }: { word: string }) {
  return (
    <main class="screen" aria-busy="true">
      <p class="screen-body soft">{word}</p>
    </main>
  );
}

function Content() {
  switch (phase.value) {
    case 'starting':
      return <Blank word={t('starting')} />;
    case 'sign_in':
      return <SignIn />;
    case 'locked':
      return <Unlock />;
    case 'write_only':
      return <Lazy load={roomLoaders.officer} />;
    case 'open':
      if (route.value.name === 'me') return <Lazy load={loadMe} />;
      return <Lazy load={roomLoaders[ROOMS[me.value?.role ?? 'officer']]} />;
  }
}

export function Shell() {
  return (
    <>
      <button type="button" class="button skip hidden" onClick={() => document.querySelector<HTMLElement>('h1')?.focus()}>
        {t('skip_to_main')}
      </button>
      <Bar />
      {phase.value === 'write_only' && <p class="strip wait">{t('write_only_banner')}</p>}
      <Content />
      <div class="hidden" role="status" aria-live="polite">
        {announced.value}
      </div>
    </>
  );
}
