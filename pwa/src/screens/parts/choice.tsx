/** Questions with given answers: large buttons for yes / no / don't know, single choice, and a tick list. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { t } from '../../state/language.ts';

export type ThreeState = 'yes' | 'no' | 'unknown';

const ANSWERS = [
  ['yes', 'yes'],
  ['no', 'no'],
  ['unknown', 'dont_know'],
] as const;

interface ChoiceProps {
  /** The question; leave it out where the screen's heading asks it, and give `labelledBy`. */
  label?: string;
  labelledBy?: string;
  value: ThreeState | null | undefined;
  onChoose: (value: ThreeState) => void;
  /** Only yes and no, where not knowing is impossible. */
  withoutUnknown?: boolean;
}

/** One tap answers; the caller moves on. */
export function Choice({ label, labelledBy, value, onChoose, withoutUnknown }: ChoiceProps) {
  const made = useId();
  const answers = withoutUnknown ? ANSWERS.slice(0, 2) : ANSWERS;
  return (
    <div class="choice" role="group" aria-labelledby={labelledBy ?? made}>
      {label && (
        <p class="question" id={made}>
          {label}
        </p>
      )}
      <div class="answers">
        {answers.map(([answer, key]) => (
          <button
            key={answer}
            type="button"
            class="button answer"
            aria-pressed={value === answer}
            onClick={() => onChoose(answer)}
          >
            {t(key)}
          </button>
        ))}
      </div>
    </div>
  );
}

export interface Option<Value extends string = string> {
  value: Value;
  label: ComponentChildren;
  hint?: ComponentChildren;
}

interface OptionsProps<Value extends string> {
  label: string;
  options: readonly Option<Value>[];
  value: Value | null | undefined;
  onChoose: (value: Value) => void;
  /** Short answers (minutes, languages) side by side. */
  inline?: boolean;
  hideLabel?: boolean;
  /** For an error summary. */
  id?: string;
}

/** One of several, as native radio buttons with whole-row targets. */
export function Options<Value extends string>({ label, options, value, onChoose, inline, hideLabel, id }: OptionsProps<Value>) {
  const name = useId();
  return (
    <fieldset class="options" id={id} tabIndex={id ? -1 : undefined}>
      <legend class={hideLabel ? 'hidden' : undefined}>{label}</legend>
      <div class={inline ? 'rows inline' : 'rows'}>
        {options.map((option) => (
          <label key={option.value} class="row">
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChoose(option.value)}
            />
            <span>
              {option.label}
              {option.hint && <span class="hint">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface TickListProps<Value extends string> {
  label: string;
  options: readonly Option<Value>[];
  values: readonly Value[];
  onChange: (values: Value[]) => void;
  hideLabel?: boolean;
}

/** Any of several; the answer keeps the list's own order. */
export function TickList<Value extends string>({ label, options, values, onChange, hideLabel }: TickListProps<Value>) {
  const toggle = (value: Value): void => {
    const chosen = new Set(values);
    if (!chosen.delete(value)) chosen.add(value);
    onChange(options.map((option) => option.value).filter((each) => chosen.has(each)));
  };
  return (
    <fieldset class="options">
      <legend class={hideLabel ? 'hidden' : undefined}>{label}</legend>
      <div class="rows">
        {options.map((option) => (
          <label key={option.value} class="row">
            <input type="checkbox" checked={values.includes(option.value)} onChange={() => toggle(option.value)} />
            <span>
              {option.label}
              {option.hint && <span class="hint">{option.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface TickProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ComponentChildren;
}

export function Tick({ checked, onChange, children }: TickProps) {
  return (
    <label class="row">
      <input type="checkbox" checked={checked} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>{children}</span>
    </label>
  );
}
