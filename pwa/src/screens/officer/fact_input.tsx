/** One fact of the rules, asked by its type. Yes / no / don't know answers in one tap; typed facts have their own field. */
import { shownLanguage, t, type MessageKey } from '../../state/language.ts';
import type { Fact } from '../../rules/model.ts';
import { Button, Choice, Options, TickList, type ThreeState } from '../parts/index.ts';
import type { FactValue } from './body.ts';
import { Line } from './line.tsx';

const STATES: Record<ThreeState, boolean | null> = { yes: true, no: false, unknown: null };

function stateOf(value: FactValue | undefined): ThreeState | null {
  if (value === undefined) return null;
  return value === null ? 'unknown' : value === true ? 'yes' : 'no';
}

/** The rules name values by codes alone. */
const inWords = (code: string): string => code.replaceAll('_', ' ');

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
  const options = fact.values.map((code) => ({ value: code, label: inWords(code) }));
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
  const typed = value === null || value === undefined ? '' : String(value);
  const unit = fact.unit ? t(`officer_unit_${fact.unit}` as MessageKey) : undefined;
  const whole = (text: string): number | undefined => (/^\d{1,15}$/.test(text.trim()) ? Number(text) : undefined);
  return (
    <>
      {fact.type === 'date' ? (
        <Line label={label} hideLabel={asked} type="date" value={typed} onInput={(text) => onType(text || undefined)} />
      ) : (
        <Line
          label={label}
          hideLabel={asked}
          hint={unit}
          inputMode="numeric"
          maxLength={15}
          value={typed}
          onInput={(text) => onType(whole(text))}
        />
      )}
      {dontKnow}
    </>
  );
}
