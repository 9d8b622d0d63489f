/** One fact of the rules, answered by program staff: by one tap, or typed and kept on the phone until it is whole. */
import { useEffect, useState } from 'preact/hooks';
import { isIsoDate } from '../../rules/days.ts';
import { NEVER, UNLISTED, type Fact, type Pack } from '../../rules/model.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { Button, Choice, Field, Options, TextInput, TickList, type Option, type ThreeState } from '../parts/index.ts';
import type { FactValue } from './rules.ts';
import { dropText, keepText, working } from './working.ts';

interface FactInputProps {
  referral_id: string;
  pack: Pack;
  fact: Fact;
  value: FactValue | undefined;
  onAnswer: (value: FactValue) => void;
}

const STATES: Record<ThreeState, boolean | null> = { yes: true, no: false, unknown: null };

function stateOf(value: FactValue | undefined): ThreeState | null {
  if (value === undefined) return null;
  return value === null ? 'unknown' : value === true ? 'yes' : 'no';
}

/** A list without values of its own lists the program's charges. */
function optionsOf({ type, values }: Fact, { charges }: Pack): Option[] {
  if (type !== 'code_list' || values.length > 0) return values.map((each) => ({ value: each.code, label: each[shownLanguage.value] }));
  const listed = charges.toSorted((a, b) => a.order - b.order).map(({ code, title }) => ({ value: code, label: title[shownLanguage.value] }));
  return [...listed, { value: UNLISTED, label: t('co_unlisted') }];
}

export function FactInput(props: FactInputProps) {
  const { fact, pack, value, onAnswer } = props;
  const label = fact.question[shownLanguage.value];
  if (fact.type === 'bool') return <Choice label={label} value={stateOf(value)} onChoose={(answer) => onAnswer(STATES[answer])} />;
  return (
    <div class="form">
      {fact.type === 'enum' && (
        <Options label={label} options={optionsOf(fact, pack)} value={value as string | null | undefined} onChoose={onAnswer} />
      )}
      {fact.type === 'code_list' && (
        <TickList label={label} options={optionsOf(fact, pack)} values={Array.isArray(value) ? value : []} onChange={onAnswer} />
      )}
      {(fact.type === 'int' || fact.type === 'date' || fact.type === 'event') && <Typed {...props} label={label} />}
      {fact.type === 'event' && (
        <Button pressed={value === NEVER} onClick={() => onAnswer(NEVER)}>
          {t('co_never')}
        </Button>
      )}
      <Button pressed={value === null} onClick={() => onAnswer(null)}>
        {t('dont_know')}
      </Button>
    </div>
  );
}

function wholeOf(fact: Fact, text: string): FactValue | undefined {
  if (fact.type !== 'int') return isIsoDate(text) ? text : undefined;
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Given as an answer when the field is left, and when the screen is: not every phone moves the focus to a button. */
function Typed({ referral_id, fact, value, label, onAnswer }: FactInputProps & { label: string }) {
  const name = `fact:${fact.id}` as const;
  const kept = working(referral_id).texts[name] || null;
  // What is being typed here and now, also where it has been taken away again.
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const leave = (): void => {
    const text = working(referral_id).texts[name]?.trim() ?? '';
    const whole = wholeOf(fact, text);
    setWrong(text !== '' && whole === undefined);
    setTyped(null);
    if (whole === undefined) return;
    onAnswer(whole);
    void dropText(referral_id, name);
  };
  useEffect(() => leave, [referral_id, fact.id]);
  const shown = typed ?? kept ?? (value == null || value === NEVER ? '' : String(value));
  const days = fact.type !== 'int';
  return (
    <div onFocusOut={leave}>
      <Field
        label={label}
        hint={fact.unit ? t(`co_unit_${fact.unit}`) : undefined}
        error={wrong ? t(days ? 'co_fact_day' : 'co_fact_number') : undefined}
      >
        <TextInput
          {...(days ? { type: 'date' as const } : { inputMode: 'numeric' as const, maxLength: 15 })}
          value={shown}
          enterKeyHint="done"
          onInput={(text) => {
            setTyped(text);
            keepText(referral_id, name, text);
          }}
        />
      </Field>
    </div>
  );
}
