/**
 * Answering a page from its notification, with one thumb and before the lock: on iPhones a notification has no buttons.
 *
 * It says one of two constant sentences and who of the colleagues has it. About anybody else it knows nothing.
 */
import { useEffect } from 'preact/hooks';
import { answer, followAnswers, lookAt, standing, type Standing } from '../state/answer.ts';
import { t } from '../state/language.ts';
import { goInstead, paged, type Paged } from '../state/router.ts';
import { phase } from '../state/session.ts';
import { Button } from './parts/button.tsx';
import { CallButton } from './parts/call_button.tsx';
import { Screen } from './parts/screen.tsx';

type Step = Standing['step'];

const TONES: Record<Step, 'plain' | 'wait' | 'good' | 'bad'> = {
  asked: 'wait', sending: 'wait', acknowledged: 'good', already: 'good', refused: 'plain', kept: 'bad', lost: 'bad',
};
/** The server has answered: there is nothing left to do here but to open the app. */
const SETTLED = new Set<Step>(['acknowledged', 'already', 'refused']);

export default function Answer() {
  const asked = paged.value;
  return asked && <Page key={asked.page} asked={asked} />;
}

function sentence({ step, by }: Standing, open: boolean): string {
  switch (step) {
    case 'acknowledged':
      return t(open ? 'paged_yours' : 'paged_yours_locked');
    case 'already':
      return by ? t('paged_already', { by }) : t('paged_already_someone');
    default:
      return t(`paged_${step}`);
  }
}

function Page({ asked }: { asked: Paged }) {
  const now = standing(asked.page);
  const open = phase.value === 'open';
  useEffect(followAnswers, []);
  useEffect(() => lookAt(asked), [asked]);
  return (
    <Screen
      title={t(asked.text === 'officer_waiting' ? 'paged_officer_waiting' : 'paged_referral_waiting')}
      main={SETTLED.has(now.step) ? <Leave step={now.step} open={open} /> : <HaveIt asked={asked} step={now.step} />}
    >
      <p class={`state ${TONES[now.step]}`} role="status">
        {sentence(now, open)}
      </p>
      {!SETTLED.has(now.step) && <p class="soft">{t('paged_lead')}</p>}
      <div class="actions">
        <CallButton />
        {/* Whoever cannot take it, or whose answer waits for a connection, is not held here. */}
        {!SETTLED.has(now.step) && <Button onClick={() => goInstead('/')}>{t('paged_open')}</Button>}
      </div>
    </Screen>
  );
}

function HaveIt({ asked, step }: { asked: Paged; step: Step }) {
  const busy = step === 'sending' ? 'true' : undefined;
  return (
    <button type="button" class="button act large" aria-busy={busy} aria-disabled={busy} onClick={() => void answer(asked)}>
      {t(step === 'kept' || step === 'lost' ? 'paged_again' : 'paged_have_it')}
    </button>
  );
}

function Leave({ step, open }: { step: Step; open: boolean }) {
  return (
    <button type="button" class="button act large" onClick={() => goInstead('/')}>
      {t(step === 'acknowledged' && !open ? 'paged_unlock' : 'paged_open')}
    </button>
  );
}
