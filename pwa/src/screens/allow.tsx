/** Allowing notifications on this phone: what stands, the one tap that asks, and on Apple's phones what must come before it. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../state/announce.ts';
import { install, installPrompt, isApple, standalone } from '../state/app.ts';
import { t, type MessageKey } from '../state/language.ts';
import { enableNotifications, notifications, readNotifications } from '../state/notifications.ts';
import { Button } from './parts/button.tsx';

const SENTENCES = {
  on: 'notify_enabled',
  denied: 'notify_denied',
  unsupported: 'notify_unsupported',
  failed: 'notify_failed',
} as const;

/** Notifications reach an Apple phone only in the app on its home screen. */
const mustInstall = (): boolean => isApple() && !standalone();

/** `lead`: why one should, while they are off. */
export function AllowNotifications({ lead }: { lead: MessageKey }) {
  const [busy, setBusy] = useState(false);
  const state = notifications.value;
  useEffect(() => void readNotifications(), []);
  const enable = async (): Promise<void> => {
    setBusy(true);
    const now = await enableNotifications();
    if (now !== 'off') announce(t(SENTENCES[now]));
    setBusy(false);
  };
  if (mustInstall()) {
    return (
      <>
        <p>{t('notify_apple')}</p>
        <AppleSteps />
      </>
    );
  }
  return (
    <>
      <p>{t(state === 'off' ? lead : SENTENCES[state])}</p>
      {state !== 'on' && state !== 'unsupported' && (
        <Button busy={busy} onClick={() => void enable()}>
          {t('notify_enable')}
        </Button>
      )}
      {state === 'on' && installPrompt.value !== null && (
        <>
          <p class="soft">{t('notify_install')}</p>
          <Button onClick={() => void install()}>{t('install_now')}</Button>
        </>
      )}
    </>
  );
}

/** The way to the home screen where there is no button for it. */
export function AppleSteps() {
  return (
    <ol class="steps">
      <li>{t('install_ios_safari')}</li>
      <li>{t('install_ios_share')}</li>
      <li>{t('install_ios_add')}</li>
      <li>{t('install_ios_open')}</li>
    </ol>
  );
}
