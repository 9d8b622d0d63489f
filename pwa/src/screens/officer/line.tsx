/** A labelled line of text. Nothing typed about a person is offered to the browser's memory. */
import { Field, TextInput, type FieldProps, type TextInputProps } from '../parts/index.ts';

type LineProps = Omit<FieldProps, 'children'> & Omit<TextInputProps, 'autoComplete'> & { autoComplete?: string };

export function Line({ label, hideLabel = false, id, hint, error, optional, ...input }: LineProps) {
  return (
    <Field label={label} hideLabel={hideLabel} hint={hint} error={error} {...(id ? { id } : {})} {...(optional ? { optional } : {})}>
      <TextInput autoComplete="off" enterKeyHint="done" {...input} />
    </Field>
  );
}
