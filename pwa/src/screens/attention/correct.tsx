/** An entry opened again: its values to edit, and a new entry made of them. The old one stays, and says so. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { writeAnew, type Unaccepted } from '../../state/unaccepted.ts';
import { Button, ErrorSummary, Field, TextArea, TextInput, Tick } from '../parts/index.ts';
import { valueInWords } from '../coordinator/wording.ts';
import { editables, faults, payloadOf, type Editable } from './editing.ts';
import { labelOf } from './told.ts';

export function Correct({ entry, all, done }: { entry: Unaccepted; all: readonly Unaccepted[]; done: () => void }) {
  const operation = entry.operation!;
  const [values, setValues] = useState(() => editables(operation));
  const [wrong, setWrong] = useState<ReturnType<typeof faults>>(new Map());
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const idOf = ({ key }: Editable): string => `att-${entry.row.op_id}-${key}`;
  const change = (key: string, changed: Partial<Editable>): void =>
    setValues((before) => before.map((each) => (each.key === key ? { ...each, ...changed } : each)));
  const send = async (): Promise<void> => {
    const found = faults(values);
    setWrong(found);
    if (found.size > 0 || busy) return;
    setBusy(true);
    try {
      await writeAnew(entry, payloadOf(operation, values, me.value?.agency_id ?? null), all);
      announce(t('att_corrected_now'));
      done();
    } catch (error) {
      console.error(error);
      setFailed(true);
      setBusy(false);
    }
  };
  const errors = values.flatMap((each) => {
    const fault = wrong.get(each.key);
    return fault ? [{ field: idOf(each), text: `${labelOf(each.key, each.field)}: ${t(`att_fault_${fault}`)}` }] : [];
  });
  return (
    <form
      class="stack"
      aria-label={t('att_correct')}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <ErrorSummary errors={errors} />
      {values.length === 0 && <p>{t('att_correct_as_it_was')}</p>}
      {values.map((each) => (
        <Value key={each.key} id={idOf(each)} of={each} wrong={wrong.has(each.key)} change={(changed) => change(each.key, changed)} />
      ))}
      {failed && (
        <p class="state bad" role="alert">
          {t('att_failed')}
        </p>
      )}
      <div class="actions">
        <Button onClick={done}>{t('cancel')}</Button>
        <Button kind="act" type="submit" busy={busy}>
          {t('att_send')}
        </Button>
      </div>
    </form>
  );
}

interface ValueProps {
  id: string;
  of: Editable;
  wrong: boolean;
  change: (changed: Partial<Editable>) => void;
}

function Value({ id, of, wrong, change }: ValueProps) {
  const { key, field, value, text, long, keep } = of;
  const label = labelOf(key, field);
  return (
    <div>
      {text === null ? (
        <p>
          <strong>{label}</strong> {valueInWords(key, value)}
        </p>
      ) : (
        <Field id={id} label={label} error={wrong ? t('att_fault_here') : undefined}>
          {long ? (
            <TextArea rows={3} value={text} onInput={(typed) => change({ text: typed })} />
          ) : (
            <TextInput value={text} onInput={(typed) => change({ text: typed })} />
          )}
        </Field>
      )}
      {field && (
        <Tick checked={!keep} onChange={(out) => change({ keep: !out })}>
          {t('att_leave_out', { what: label })}
        </Tick>
      )}
    </div>
  );
}
