/** The offer: the program's own script, large, in the person's language; read aloud, or handed over. */
import { language, shownLanguage, t } from '../../state/language.ts';
import { phase, program } from '../../state/session.ts';
import { Button, Options } from '../parts/index.ts';
import type { Body, Language } from './body.ts';
import { handedOver } from './hand_over.tsx';
import { End, Step } from './step.tsx';
import type { Way } from './way.ts';

const NAMES: Record<Language, string> = { en: 'English', es: 'Español' };

/** The languages in which this program has approved a script. */
function written(): Language[] {
  const texts = program.value?.script.texts;
  return (['en', 'es'] as const).filter((each) => texts?.[each]);
}

/** The script's language: the chosen one, else the screen's, else one that exists. */
export function scriptLanguage(body: Body): Language {
  const there = written();
  const wished = body.consent.language ?? language.value;
  return there.includes(wished) ? wished : (there[0] ?? 'en');
}

export const scriptText = (spoken: Language): string => program.value?.script.texts[spoken] ?? '';

export function Offer({ way }: { way: Way }) {
  const { body, change, draft } = way;
  const spoken = scriptLanguage(body);
  const agree = (): void => way.next({ agreed: true, consent: { ...body.consent, language: spoken } });
  const handOver = (): void => {
    change({ consent: { ...body.consent, language: spoken } });
    handedOver.value = draft.draft_id;
  };
  const main = (
    <Button kind="act" onClick={agree}>
      {t('officer_agrees')}
    </Button>
  );
  return (
    <Step way={way} title={t('officer_read_aloud')} main={main}>
      {written().length > 1 && (
        <Options
          inline
          label={t('officer_script_language')}
          options={written().map((value) => ({ value, label: <span lang={value}>{NAMES[value]}</span> }))}
          value={spoken}
          onChoose={(value) => change({ consent: { ...body.consent, language: value } })}
        />
      )}
      <blockquote class="script" lang={spoken === shownLanguage.value ? undefined : spoken}>
        {scriptText(spoken)}
      </blockquote>
      <End way={way} how="declined">
        {t('officer_disagrees')}
      </End>
      {phase.value === 'open' && <Button onClick={handOver}>{t('officer_hand_over')}</Button>}
    </Step>
  );
}
