/** Somebody else's word, written down by the officer: who gave it, how it came, when, and why where that is asked. */
import { useState } from 'preact/hooks';
import { now, present } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { timeOfDay } from '../../state/times.ts';
import { program } from '../../state/session.ts';
import type { Approval, Role } from '../../rules/model.ts';
import { Button, CallButton, ErrorSummary, Options } from '../parts/index.ts';
import { lastTime, wordGap, type Needs, type WordGap } from './approvals.ts';
import { NO_WORD, type How, type Word } from './body.ts';
import { useBusy } from './busy.ts';
import { Line } from './line.tsx';

export type Named = Approval['by'] | Role;

const WAYS: readonly How[] = ['radio', 'phone', 'in_person'];

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const whoIs = (named: Named): string => t(`officer_who_${named}`);
export const howCame = (how: How): string => t(`officer_how_${how}`);

/** The number of whoever is named; a coordinator is at the program's own line. */
function numberOf(named: Named): string | undefined {
  const numbers: { [named in Named]?: string } = program.value?.approval_numbers ?? {};
  return numbers[named] ?? (named === 'coordinator' ? program.value?.call_number : undefined);
}

export function CallNamed({ named }: { named: Named }) {
  const number = numberOf(named);
  const who = whoIs(named);
  return number ? <CallButton number={number} name={who} /> : <p class="hint">{t('officer_no_number', { who })}</p>;
}

interface WordInHand extends Needs {
  id: string;
  word: Word;
  gap: WordGap | null;
  change: (patch: Partial<Word>) => void;
  /** The word once it is whole, dated now where no other time was given; else null, and the screen says what is missing. */
  whole: () => Word | null;
}

/** A word while it is being written. `id` tells the fields of several on one screen apart; `keep` is told every change. */
export function useWord(id: string, needs: Needs, first: Word = NO_WORD, keep?: (word: Word) => void): WordInHand {
  const [word, setWord] = useState(first);
  const [gap, setGap] = useState<WordGap | null>(null);
  const change = (patch: Partial<Word>): void => {
    const next = { ...word, ...patch };
    setGap(null);
    setWord(next);
    keep?.(next);
  };
  const whole = (): Word | null => {
    const missing = wordGap(word, needs);
    setGap(missing);
    return missing ? null : { ...word, given_at: word.given_at ?? new Date(present()).toISOString(), state: 'given' };
  };
  return { ...needs, id, word, gap, change, whole };
}

export function WordForm({ id, word, gap, change, own, reason }: WordInHand) {
  const missing = gap ? t('officer_missing', { what: t(`officer_${gap}`) }) : '';
  const line = (key: 'who' | 'why') => ({ id: `${id}-${key}`, label: t(`officer_${key}`), error: gap === key ? missing : undefined, maxLength: 300 });
  return (
    <>
      <ErrorSummary errors={gap ? [{ field: `${id}-${gap}`, text: missing }] : []} />
      {!own && (
        <>
          <Line {...line('who')} autoCapitalize="words" value={word.by_name} onInput={(by_name) => change({ by_name })} />
          <Options
            inline
            id={`${id}-how`}
            label={t('officer_how')}
            options={WAYS.map((value) => ({ value, label: capital(howCame(value)) }))}
            value={word.how}
            onChoose={(how) => change({ how })}
          />
          <Line
            label={t('officer_given_at')}
            type="time"
            value={timeOfDay(word.given_at ?? now.peek())}
            onInput={(typed) => change({ given_at: lastTime(typed, timeOfDay(now.peek()), now.peek()) })}
          />
        </>
      )}
      {reason && <Line {...line('why')} value={word.reason} onInput={(text) => change({ reason: text })} />}
    </>
  );
}

interface WordBoxProps extends Needs {
  id: string;
  named: Named;
  record: (word: Word) => void | Promise<void>;
}

/** Whom to call, and the form behind one tap: where somebody's word may be recorded but stops nobody. */
export function WordBox({ id, named, record, ...needs }: WordBoxProps) {
  const [open, setOpen] = useState(false);
  const said = useWord(id, needs);
  const { busy, failed, run } = useBusy();
  const done = (): void => {
    const word = said.whole();
    if (word) run(async () => record(word));
  };
  return (
    <>
      {failed && <p role="alert">{t('officer_not_stored')}</p>}
      {/* A rule set aside can wait for the coordinator, whom the alert calls anyway: the number comes with the form. */}
      {!needs.own && (open || !needs.reason) && <CallNamed named={named} />}
      {open && <WordForm {...said} />}
      {open ? (
        <Button busy={busy} onClick={done}>
          {t('officer_record')}
        </Button>
      ) : (
        <Button onClick={() => setOpen(true)}>{needs.own ? t('officer_set_aside_own') : t('officer_record_of', { who: whoIs(named) })}</Button>
      )}
    </>
  );
}
