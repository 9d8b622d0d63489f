/** The frame of every step before the alert: back, pause and "walked away" within one tap, errors on top, one main action. */
import type { ComponentChildren } from 'preact';
import { t } from '../../state/language.ts';
import { Button, ErrorSummary, Screen, type FieldError } from '../parts/index.ts';
import { useBusy } from './busy.ts';
import { endAndShow, type Ending, type Way } from './way.ts';

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
  return (
    <Screen title={title} progress={progress} back={back ?? way.back} main={main}>
      <div class="leave">
        <Button kind="quiet" onClick={way.pause}>
          {t('officer_pause')}
        </Button>
        <End way={way} how="walked_away" kind="quiet">
          {t('officer_walked_away')}
        </End>
      </div>
      <ErrorSummary errors={errors} />
      {children}
    </Screen>
  );
}

interface EndProps {
  way: Way;
  how?: Ending;
  kind?: 'plain' | 'quiet';
  children: ComponentChildren;
}

/** Ends the offer without a referral. It erases the draft in one tap, so it never stands beside the main action. */
export function End({ way, how = 'stopped', kind = 'plain', children }: EndProps) {
  const { busy, failed, run } = useBusy();
  return (
    <>
      {failed && <p role="alert">{t('officer_not_stored')}</p>}
      <Button kind={kind} busy={busy} onClick={() => run(() => endAndShow(way.draft, how))}>
        {children}
      </Button>
    </>
  );
}
