/** Screens that arrive when they are first needed; without a network they come from the service worker. */
import type { ComponentChildren, ComponentType } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { addMessages, type Room } from '../messages/index.ts';
import { Button } from './button.tsx';
import { Screen } from './screen.tsx';

interface Module<Props> {
  default: ComponentType<Props>;
}
interface Load<Props> {
  (): Promise<Module<Props>>;
  /** Once it has come it is there at once. */
  here?: ComponentType<Props>;
}

/** A screen and the rooms whose sentences it speaks. Make it once, outside of any component. */
export function lazily<Props>(load: () => Promise<Module<Props>>, ...rooms: Room[]): Load<Props> {
  const arriving: Load<Props> = async () => {
    const [module] = await Promise.all([load(), addMessages(...rooms)]);
    arriving.here = module.default;
    return module;
  };
  return arriving;
}

interface LazyProps<Props> {
  load: Load<Props>;
  props: Props;
  /** Part of another screen: nothing, or `until`, stands in its place until it has come. */
  inside?: boolean;
  until?: ComponentChildren;
}

export function Lazy<Props extends object>({ load, props, inside, until = null }: LazyProps<Props>) {
  const [loaded, setLoaded] = useState<{ load: Load<Props>; Content: ComponentType<Props> | null } | null>(null);
  const [attempt, setAttempt] = useState(0);
  useLayoutEffect(() => {
    if (load.here) return;
    let current = true;
    load().then(
      ({ default: Content }) => current && setLoaded({ load, Content }),
      () => current && setLoaded({ load, Content: null }),
    );
    return () => {
      current = false;
    };
  }, [load, attempt]);
  const Content = load.here ?? (loaded?.load === load ? loaded.Content : undefined);
  if (Content) return <Content {...props} />;
  if (inside) return until;
  if (Content === undefined) return <Blank word={t('loading')} />;
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

export function Blank({ word }: { word: string }) {
  return (
    <main class="screen" aria-busy="true">
      <p class="screen-body soft">{word}</p>
    </main>
  );
}
