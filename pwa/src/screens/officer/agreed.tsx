/** How the yes was given, and who read the script. Each method has its own proof; none needs drawing. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button, CallButton, Field, Options, SignaturePad, TextInput, type FieldError } from '../parts/index.ts';
import { consentGap } from './acts.ts';
import type { ConsentDraft, Method, Reader } from './body.ts';
import { Step } from './step.tsx';
import type { Way } from './way.ts';

const METHODS: readonly Method[] = ['signature', 'witness', 'camera', 'phone'];
const READERS: readonly Reader[] = ['read_aloud', 'self', 'interpreter'];

export function Agreed({ way }: { way: Way }) {
  const { consent } = way.body;
  const [tried, setTried] = useState(false);
  const gap = consentGap(consent);
  const error: FieldError | null = tried && gap ? { field: `consent-${gap}`, text: t(`officer_missing_${gap}`) } : null;
  const set = (patch: Partial<ConsentDraft>): void => way.change({ consent: { ...consent, ...patch } });
  const goOn = (): void => {
    if (gap) setTried(true);
    else way.next({ agreed: true });
  };
  const main = (
    <Button kind="act" onClick={goOn}>
      {t('continue')}
    </Button>
  );
  return (
    <Step way={way} title={t('officer_how_agreed')} errors={error ? [error] : []} main={main}>
      <Options
        hideLabel
        id="consent-method"
        label={t('officer_how_agreed')}
        options={METHODS.map((value) => ({ value, label: t(`officer_method_${value}`) }))}
        value={consent.method}
        onChoose={(method) => set({ method })}
      />
      <Proof consent={consent} set={set} error={error?.text} />
      <Options
        label={t('officer_reader')}
        options={READERS.map((value) => ({ value, label: t(`officer_reader_${value}`) }))}
        value={consent.reader}
        onChoose={(reader) => set({ reader })}
      />
      {consent.reader === 'interpreter' && (
        <Field label={t('officer_interpreter')} hint={t('officer_interpreter_hint')} optional>
          <TextInput autoComplete="off" enterKeyHint="done" maxLength={300} value={consent.interpreter} onInput={(interpreter) => set({ interpreter })} />
        </Field>
      )}
    </Step>
  );
}

interface ProofProps {
  consent: ConsentDraft;
  set: (patch: Partial<ConsentDraft>) => void;
  error: string | undefined;
}

function Proof({ consent, set, error }: ProofProps) {
  switch (consent.method) {
    case 'signature':
      return (
        <div id="consent-signature" tabIndex={-1}>
          <SignaturePad value={consent.signature} onChange={(signature) => set({ signature })} />
          <p class="hint">{t('officer_signature_else')}</p>
        </div>
      );
    case 'witness':
      return (
        <Field id="consent-witness" label={t('officer_witness')} hint={t('officer_witness_hint')} error={error}>
          <TextInput autoComplete="off" autoCapitalize="words" enterKeyHint="done" maxLength={300} value={consent.witness} onInput={(witness) => set({ witness })} />
        </Field>
      );
    case 'camera':
      return (
        <Field id="consent-camera_reference" label={t('officer_camera')} hint={t('officer_camera_hint')} error={error}>
          <TextInput
            autoComplete="off"
            autoCapitalize="characters"
            enterKeyHint="done"
            maxLength={300}
            value={consent.camera_reference}
            onInput={(camera_reference) => set({ camera_reference })}
          />
        </Field>
      );
    case 'phone':
      return (
        <div class="notice">
          <p>{t('officer_by_phone')}</p>
          <CallButton />
        </div>
      );
    default:
      return null;
  }
}
