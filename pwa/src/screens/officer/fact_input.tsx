/** One fact of the rules, asked by its type. Yes / no / don't know answers in one tap; typed facts have their own field. */
import { useEffect, useState } from 'preact/hooks';
import { shownLanguage, t } from '../../state/language.ts';
import { NEVER, type Fact } from '../../rules/model.ts';
import { Button, Choice, Options, TickList, type ThreeState } from '../parts/index.ts';
import type { FactValue } from './body.ts';
import { Line } from './line.tsx';

const STATES: Record<ThreeState, boolean | null> = { yes: true, no: false, unknown: null };

function stateOf(value: FactValue | undefined): ThreeState | null {
  if (value === undefined) return null;
  return value === null ? 'unknown' : value === true ? 'yes' : 'no';
}

interface FactInputProps {
  fact: Fact;
  value: FactValue | undefined;
  /** The screen's heading asks it already. */
  asked?: boolean;
  /** A complete answer: one tap. */
  onAnswer: (value: FactValue) => void;
  /** A value being typed or ticked; `onAnswer` follows from the screen's own button. */
  onType: (value: FactValue | undefined) => void;
}

/** Whether answering takes more than one tap, so that the screen needs a button to go on. */
export const isTyped = (fact: Fact): boolean => fact.type !== 'bool' && fact.type !== 'enum';

export function FactInput({ fact, value, asked = false, onAnswer, onType }: FactInputProps) {
  const label = fact.question[shownLanguage.value];
  if (fact.type === 'bool') {
    const question = asked ? { labelledBy: 'title' } : { label };
    return <Choice {...question} value={stateOf(value)} onChoose={(answer) => onAnswer(STATES[answer])} />;
  }
  const options = fact.values.map((value) => ({ value: value.code, label: value[shownLanguage.value] }));
  const dontKnow = (
    <Button pressed={value === null} onClick={() => onAnswer(null)}>
      {t('dont_know')}
    </Button>
  );
  if (fact.type === 'enum') {
    return (
      <>
        <Options label={label} hideLabel={asked} options={options} value={value as string | null | undefined} onChoose={onAnswer} />
        {dontKnow}
      </>
    );
  }
  if (fact.type === 'code_list') {
    return (
      <>
        <TickList label={label} hideLabel={asked} options={options} values={Array.isArray(value) ? value : []} onChange={onType} />
        {dontKnow}
      </>
    );
  }
  const typed = value === null || value === undefined || value === NEVER ? '' : String(value);
  return (
    <>
      {fact.type === 'int' ? (
        <Amount fact={fact} label={label} hideLabel={asked} value={value} onType={onType} />
      ) : (
        <Line label={label} hideLabel={asked} type="date" value={typed} onInput={(text) => onType(text || undefined)} />
      )}
      {fact.type === 'event' && (
        <Button pressed={value === NEVER} onClick={() => onAnswer(NEVER)}>
          {t('officer_never')}
        </Button>
      )}
      {dontKnow}
    </>
  );
}

const WHOLE = /^\d{1,15}$/;

/** The amount as people say it, beside the unit that the rules count in; nothing where that is the same. */
function spoken(unit: Fact['unit'], amount: number): string {
  const number = (value: number): string => value.toLocaleString(shownLanguage.value);
  if (unit === 'mg' && amount >= 1000) return ` = ${number(amount / 1000)} g`;
  return unit === 'cents' ? ` = $${number(amount / 100)}` : '';
}

interface AmountProps extends Pick<FactInputProps, 'fact' | 'value' | 'onType'> {
  label: string;
  hideLabel: boolean;
}

/** A whole number in the unit of the rules. What is not one stays as it was typed and is no answer: never rounded, never guessed. */
function Amount({ fact, label, hideLabel, value, onType }: AmountProps) {
  const [text, setText] = useState(String(value ?? ''));
  const unknown = value === null;
  useEffect(() => {
    if (unknown) setText('');
  }, [unknown]);
  const right = WHOLE.test(text);
  const unit = fact.unit ? t(`officer_unit_${fact.unit}`) : '';
  const tell = (next: string): void => {
    const digits = next.trim();
    setText(digits);
    onType(WHOLE.test(digits) ? Number(digits) : undefined);
  };
  return (
    <Line
      label={label}
      hideLabel={hideLabel}
      hint={unit + (right ? spoken(fact.unit, Number(text)) : '')}
      error={text && !right ? t('officer_whole_number') : undefined}
      inputMode="numeric"
      maxLength={15}
      value={text}
      onInput={tell}
    />
  );
}
