/** How the yes was given, and who read the script. Each method has its own proof; none needs drawing. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button, CallButton, Options, type FieldError } from '../parts/index.ts';
import { SignaturePad } from '../parts/signature_pad.tsx';
import { consentGap } from './acts.ts';
import type { ConsentDraft, Method, Reader } from './body.ts';
import { InView } from './in_view.tsx';
import { Line } from './line.tsx';
import { Step } from './step.tsx';
import type { Way } from './way.ts';

const METHODS: readonly Method[] = ['signature', 'witness', 'camera', 'phone'];
const READERS: readonly Reader[] = ['read_aloud', 'self', 'interpreter'];

export function Agreed({ way }: { way: Way }) {
  const { consent } = way.body;
  const [tried, setTried] = useState(false);
  const gap = consentGap(consent);
  const error: FieldError | null = tried && gap ? { field: `consent-${gap}`, text: t(`officer_missing_${gap}`) } : null;
  const set = (patch: Partial<ConsentDraft>): void => {
    // The next gap is only told when the officer wants to go on again.
    setTried(false);
    way.change({ consent: { ...consent, ...patch } });
  };
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
      {consent.method && (
        <InView key={consent.method}>
          <Proof consent={consent} set={set} error={error?.text} />
        </InView>
      )}
      <Options
        label={t('officer_reader')}
        options={READERS.map((value) => ({ value, label: t(`officer_reader_${value}`) }))}
        value={consent.reader}
        onChoose={(reader) => set({ reader })}
      />
      {consent.reader === 'interpreter' && (
        <Line
          optional
          label={t('officer_interpreter')}
          hint={t('officer_interpreter_hint')}
          maxLength={300}
          value={consent.interpreter}
          onInput={(interpreter) => set({ interpreter })}
        />
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
    case 'camera': {
      const [key, capitals] = consent.method === 'witness' ? (['witness', 'words'] as const) : (['camera_reference', 'characters'] as const);
      return (
        <Line
          key={key}
          id={`consent-${key}`}
          label={t(`officer_${key}`)}
          hint={t(`officer_${key}_hint`)}
          error={error}
          autoCapitalize={capitals}
          maxLength={300}
          value={consent[key]}
          onInput={(text) => set({ [key]: text })}
        />
      );
    }
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
