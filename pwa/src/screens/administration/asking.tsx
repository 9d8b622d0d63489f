/** Asking the server once a screen opens and again when something was done: what it told, or that it cannot be asked. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../../state/connection.ts';
import { t } from '../../state/language.ts';
import { Button } from '../parts/index.ts';

export type Asked<T> = { state: 'asking' } | { state: 'unreachable' } | { state: 'told'; told: T };

/** `about` names what is asked for: another one is asked anew. Another `moment` repeats the question; that leaves the former answer on the screen. */
export function useAsked<T>(ask: () => Promise<T>, about = '', moment: string | number = ''): [Asked<T>, () => void] {
  const [asked, setAsked] = useState<{ about: string; answer: Asked<T> }>({ about, answer: { state: 'asking' } });
  const [attempt, setAttempt] = useState(0);
  const connected = connection.value === 'connected';
  useEffect(() => {
    let current = true;
    ask().then(
      (told) => current && setAsked({ about, answer: { state: 'told', told } }),
      () => current && setAsked({ about, answer: { state: 'unreachable' } }),
    );
    return () => {
      current = false;
    };
    // What is asked is named by `about`; the function itself is another one at every drawing.
  }, [about, moment, attempt, connected]);
  return [asked.about === about ? asked.answer : { state: 'asking' }, () => setAttempt((n) => n + 1)];
}

interface AnswerProps<T> {
  asked: Asked<T>;
  again: () => void;
  children: (told: T) => ComponentChildren;
}

export function Answer<T>({ asked, again, children }: AnswerProps<T>) {
  if (asked.state === 'told') return <>{children(asked.told)}</>;
  if (asked.state === 'asking') return <p class="soft">{t('adm_asking')}</p>;
  return (
    <>
      <p class="state wait">{t('adm_unreachable')}</p>
      <Button onClick={again}>{t('try_again')}</Button>
    </>
  );
}
