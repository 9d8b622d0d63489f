/** Choosing a passphrase: typed, or four words taken as offered. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button } from '../parts/button.tsx';
import { Field, TextInput } from '../parts/field.tsx';
import { fourWords } from './words.ts';

/** As the server counts. */
const MIN_CHARACTERS = 12;

export const tooShort = (passphrase: string): boolean => [...passphrase].length < MIN_CHARACTERS;

interface NewPassphraseProps {
  value: string;
  onInput: (value: string) => void;
  error?: string | undefined;
  /** There was none before: it is not called the new one. */
  first?: boolean;
}

export function NewPassphrase({ value, onInput, error, first }: NewPassphraseProps) {
  const [offered, setOffered] = useState('');
  const offer = (): void => {
    const words = fourWords();
    setOffered(words);
    onInput(words);
  };
  return (
    <>
      <Field id="new-passphrase" label={t(first ? 'passphrase_own' : 'passphrase_new')} hint={t('passphrase_hint')} error={error}>
        <TextInput type="password" name="new-password" autoComplete="new-password" value={value} onInput={onInput} required />
      </Field>
      {offered !== '' && offered === value && (
        <div class="notice" role="status">
          <p>{t('passphrase_offered')}</p>
          <p class="aloud">{offered}</p>
        </div>
      )}
      <Button onClick={offer}>{t('passphrase_offer')}</Button>
    </>
  );
}
