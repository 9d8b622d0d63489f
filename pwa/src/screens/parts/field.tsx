/** A labelled field: label, hint and error are tied to the input inside by id, whatever the input is. */
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useId } from 'preact/hooks';
import { t } from '../../state/language.ts';

interface FieldContext {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

const Context = createContext<FieldContext | null>(null);

export interface FieldProps {
  label: string;
  /** Only where the screen's heading says it already. */
  hideLabel?: boolean;
  /** Give one where an error summary must find the field. */
  id?: string;
  hint?: string | undefined;
  error?: string | undefined;
  optional?: boolean;
  children: ComponentChildren;
}

export function Field({ label, hideLabel, id, hint, error, optional, children }: FieldProps) {
  const made = useId();
  const own = id ?? made;
  const describedBy = [hint && `${own}-hint`, error && `${own}-error`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={error ? 'field has-error' : 'field'}>
      <label for={own} class={hideLabel ? 'hidden' : undefined}>
        {label} {optional && <span class="soft">({t('optional')})</span>}
      </label>
      {hint && (
        <p class="hint" id={`${own}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p class="error" id={`${own}-error`}>
          {error}
        </p>
      )}
      <Context.Provider value={{ id: own, describedBy, invalid: Boolean(error) }}>{children}</Context.Provider>
    </div>
  );
}

/** The attributes that tie any native input to its `Field`. */
export function useField(): { id?: string; 'aria-describedby'?: string; 'aria-invalid'?: 'true' } {
  const field = useContext(Context);
  if (!field) return {};
  return {
    id: field.id,
    ...(field.describedBy ? { 'aria-describedby': field.describedBy } : {}),
    ...(field.invalid ? { 'aria-invalid': 'true' } : {}),
  };
}

export interface TextInputProps {
  value: string;
  onInput: (value: string) => void;
  name?: string;
  type?: 'text' | 'password' | 'tel' | 'search' | 'date' | 'time';
  inputMode?: 'text' | 'numeric' | 'decimal' | 'tel' | 'search';
  autoComplete?: string;
  enterKeyHint?: 'enter' | 'done' | 'go' | 'next' | 'search' | 'send';
  autoCapitalize?: 'none' | 'sentences' | 'words' | 'characters';
  maxLength?: number;
  required?: boolean;
  readOnly?: boolean;
  /** Where the screen exists for this one input. */
  focusFirst?: boolean;
}

const focusOnce = (element: HTMLElement | null): void => element?.focus({ preventScroll: true });

export function TextInput({ value, onInput, type = 'text', focusFirst, required, ...rest }: TextInputProps) {
  return (
    <input
      class="input"
      {...useField()}
      {...rest}
      // Preact's types join attributes to one literal type each; all of these take the same ones.
      type={type as 'text'}
      value={value}
      aria-required={required ? 'true' : undefined}
      ref={focusFirst ? focusOnce : null}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}

export interface TextAreaProps {
  value: string;
  onInput: (value: string) => void;
  name?: string;
  rows?: number;
  maxLength?: number;
}

export function TextArea({ value, onInput, rows = 4, ...rest }: TextAreaProps) {
  return (
    <textarea
      autoComplete="off"
      class="input"
      {...useField()}
      {...rest}
      rows={rows}
      value={value}
      onInput={(event) => onInput(event.currentTarget.value)}
    />
  );
}
