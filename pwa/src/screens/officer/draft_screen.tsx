/** A draft on its way: finds it, shows the step that the address names, or says that it is no longer here. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { prepareToSubmit } from '../../state/compose.ts';
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { goInstead } from '../../state/router.ts';
import { LinkButton, Screen } from '../parts/index.ts';
import { Agreed } from './agreed.tsx';
import { Alert } from './alert.tsx';
import { Approval } from './approval.tsx';
import type { Step } from './body.ts';
import { Charge } from './charge.tsx';
import { Decide } from './decide.tsx';
import { Offer } from './offer.tsx';
import { Questions } from './questions.tsx';
import { Result } from './result.tsx';
import { officerDrafts, wayOf, type Way } from './way.ts';

const SCREENS: Record<Step, (props: { way: Way }) => JSX.Element> = {
  decide: Decide,
  charge: Charge,
  questions: Questions,
  result: Result,
  approval: Approval,
  offer: Offer,
  agreed: Agreed,
  alert: Alert,
};

export function DraftScreen({ id, step }: { id: string; step: string }) {
  const draft = officerDrafts().find((each) => each.draft_id === id);
  const referral_id = draft?.referral_id;
  useEffect(() => {
    if (referral_id !== undefined) prepareToSubmit(referral_id);
  }, [referral_id, step]);
  // Sent in another tab, or an address from the history: the referral is where it goes on.
  const submitted = draft && draft.body.details_of === null ? record(draft.referral_id) : undefined;
  const elsewhere = draft?.body.details_of ?? submitted?.id;
  useEffect(() => {
    if (elsewhere) goInstead(`/referral/${elsewhere}`);
  }, [elsewhere]);
  if (!draft || elsewhere) return <Gone />;
  const shown: Step = step in SCREENS ? (step as Step) : draft.body.step;
  const Shown = SCREENS[shown];
  return <Shown key={shown} way={wayOf(draft, shown)} />;
}

function Gone() {
  return (
    <Screen
      title={t('officer_draft_gone')}
      main={
        <LinkButton kind="act" to="/">
          {t('officer_to_home')}
        </LinkButton>
      }
    >
      <p>{t('officer_draft_gone_why')}</p>
    </Screen>
  );
}
