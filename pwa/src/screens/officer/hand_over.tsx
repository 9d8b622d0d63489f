/**
 * The phone in the person's hands: the script, two answers, nothing else, until the officer's passphrase.
 *
 * A modal dialog lies over the whole app, so that neither the bar nor the address behind it can be reached; Escape, the
 * back gesture and a changed address lead back to it. The answer counts at once; only leaving needs the officer.
 */
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { edit } from '../../state/drafts.ts';
import { shownLanguage, speak, t, type MessageKey, type Values } from '../../state/language.ts';
import { goInstead } from '../../state/router.ts';
import { phase, unlock } from '../../state/session.ts';
import { Button, Field, TextInput } from '../parts/index.ts';
import { PasskeyButton } from '../parts/passkey_button.tsx';
import type { Language, OfficerDraft } from './body.ts';
import { useBusy } from './busy.ts';
import { scriptLanguage, scriptText } from './offer.tsx';
import { end, officerDrafts, pathOf } from './way.ts';

/** The draft whose offer is in the person's hands; null while the officer holds the phone. */
export const handedOver = signal<string | null>(null);

type Stage = 'asking' | 'agreed' | 'declined' | 'unanswered';
type Say = (key: MessageKey, values?: Values) => string;

/** The person's language, which need not be the officer's. */
function useSay(spoken: Language): Say {
  const [say, setSay] = useState<{ say: Say } | null>(null);
  useEffect(() => {
    speak(spoken).then(
      (words) => setSay({ say: words }),
      // The dictionary did not come: the officer's language is better than an empty screen.
      () => setSay(null),
    );
  }, [spoken]);
  return say?.say ?? t;
}

/** Keeps the dialog open over everything whatever closes it, and the address where it was. */
function useHeldOpen() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const address = globalThis.location.hash;
    const hold = (): void => {
      if (globalThis.location.hash !== address) goInstead(address.slice(1));
      if (dialog.current?.isConnected && !dialog.current.open) dialog.current.showModal();
    };
    hold();
    const box = dialog.current;
    box?.addEventListener('close', hold);
    // Capturing, so that it comes before the router hears of another address.
    globalThis.addEventListener('hashchange', hold, true);
    return () => {
      box?.removeEventListener('close', hold);
      globalThis.removeEventListener('hashchange', hold, true);
      // Locking takes the screen away; then the passphrase stands between the person and the phone already.
      if (phase.peek() !== 'open') handedOver.value = null;
    };
  }, []);
  return dialog;
}

export function HandOver({ draft_id }: { draft_id: string }) {
  const dialog = useHeldOpen();
  const draft = officerDrafts().find((each) => each.draft_id === draft_id);
  const [first] = useState(draft);
  const [stage, setStage] = useState<Stage>('asking');
  const { busy, failed, run } = useBusy();
  const spoken = first ? scriptLanguage(first.body) : 'en';
  const say = useSay(spoken);
  const agree = (): void => {
    // Kept at once: the yes must survive a phone that dies before the officer has it back.
    if (first) edit(draft_id, { agreed: true, step: 'agreed', consent: { ...first.body.consent, language: spoken, reader: 'self' } });
    setStage('agreed');
  };
  const decline = (): void => {
    run(async () => {
      if (first) await end(first, 'declined');
      setStage('declined');
    });
  };
  return (
    <dialog class="hand-over" ref={dialog} lang={spoken} aria-label={say('officer_offer_title')} onCancel={(event) => event.preventDefault()}>
      {stage === 'asking' ? (
        <>
          <h1>{say('officer_offer_title')}</h1>
          <blockquote class="script">{scriptText(spoken)}</blockquote>
          {failed && <p class="state bad">{say('officer_not_stored')}</p>}
          <div class="answers-of-person">
            <Button kind="act" onClick={agree}>
              {say('officer_i_agree')}
            </Button>
            <Button busy={busy} onClick={decline}>
              {say('officer_i_do_not')}
            </Button>
            <Button kind="quiet" onClick={() => setStage('unanswered')}>
              {say('officer_give_back')}
            </Button>
          </div>
        </>
      ) : (
        <TakeBack say={say} stage={stage} draft={first} />
      )}
    </dialog>
  );
}

const THANKS: Record<Exclude<Stage, 'asking'>, MessageKey> = {
  agreed: 'officer_thanks_agreed',
  declined: 'officer_thanks_declined',
  unanswered: 'officer_thanks_unanswered',
};

function after(stage: Stage, draft: OfficerDraft | undefined): string {
  if (stage === 'declined' || !draft) return '/ended/declined';
  return pathOf(draft, stage === 'agreed' ? 'agreed' : 'offer');
}

function TakeBack({ say, stage, draft }: { say: Say; stage: Exclude<Stage, 'asking'>; draft: OfficerDraft | undefined }) {
  const [passphrase, setPassphrase] = useState('');
  const [wrong, setWrong] = useState(false);
  const { busy, run } = useBusy();
  const leave = (): void => {
    handedOver.value = null;
    goInstead(after(stage, draft));
  };
  const takeBack = (): void => {
    run(async () => {
      const right = await unlock(passphrase);
      setWrong(!right);
      if (right) leave();
    });
  };
  return (
    <>
      <h1>{say(THANKS[stage])}</h1>
      <p>{say('officer_please_give_back')}</p>
      <form
        lang={shownLanguage.value}
        onSubmit={(event) => {
          event.preventDefault();
          takeBack();
        }}
      >
        <Field label={t('officer_take_back')} error={wrong ? t('unlock_wrong') : undefined}>
          <TextInput type="password" autoComplete="current-password" enterKeyHint="go" value={passphrase} onInput={setPassphrase} />
        </Field>
        <Button type="submit" busy={busy}>
          {t('unlock')}
        </Button>
        <PasskeyButton onOpened={leave} />
      </form>
    </>
  );
}
