/** The frame of every step before the alert: back, pause and "walked away" within one tap, errors on top, one main action. */
import type { ComponentChildren } from 'preact';
import { t } from '../../state/language.ts';
import { Button, ErrorSummary, Screen, type FieldError } from '../parts/index.ts';
import { useBusy } from './busy.ts';
import { endAndShow, type Way } from './way.ts';

interface StepProps {
  way: Way;
  title: string;
  progress?: string;
  /** Back within the step (the question before); otherwise the step before. */
  back?: (() => void) | undefined;
  errors?: readonly FieldError[];
  main?: ComponentChildren;
  children: ComponentChildren;
}

export function Step({ way, title, progress, back, errors = [], main, children }: StepProps) {
  const { busy, failed, run } = useBusy();
  const shown = failed ? [...errors, { text: t('officer_not_stored') }] : errors;
  return (
    <Screen title={title} progress={progress} back={back ?? way.back} main={main}>
      <div class="leave">
        <Button kind="quiet" onClick={way.pause}>
          {t('officer_pause')}
        </Button>
        <Button kind="quiet" busy={busy} onClick={() => run(() => endAndShow(way.draft, 'walked_away'))}>
          {t('officer_walked_away')}
        </Button>
      </div>
      <ErrorSummary errors={shown} />
      {children}
    </Screen>
  );
}
