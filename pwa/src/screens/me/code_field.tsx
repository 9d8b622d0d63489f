/** Six digits from an authenticator app. */
import { Field, TextInput } from '../parts/field.tsx';

export function CodeField({ label, value, onInput }: { label: string; value: string; onInput: (value: string) => void }) {
  return (
    <Field label={label}>
      <TextInput name="code" inputMode="numeric" autoComplete="one-time-code" enterKeyHint="go" maxLength={6} value={value} onInput={onInput} required />
    </Field>
  );
}
