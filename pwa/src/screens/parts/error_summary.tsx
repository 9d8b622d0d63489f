/** What is wrong, at the top, focused when it appears, each line leading to its field. */
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../../state/language.ts';

export interface FieldError {
  /** The id given to the `Field`; without one the line is only read. */
  field?: string;
  text: string;
}

export function ErrorSummary({ errors }: { errors: readonly FieldError[] }) {
  const box = useRef<HTMLDivElement>(null);
  const text = errors.map((error) => error.text).join('\n');
  useEffect(() => {
    if (text) box.current?.focus();
  }, [text]);
  if (errors.length === 0) return null;
  // Not links: the address belongs to the router.
  return (
    <div class="error-summary" role="alert" tabIndex={-1} ref={box}>
      <h2>{t('errors_title')}</h2>
      <ul>
        {errors.map(({ field, text: line }) => (
          <li key={line}>
            {field ? (
              <button type="button" class="as-link" onClick={() => document.getElementById(field)?.focus()}>
                {line}
              </button>
            ) : (
              line
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
