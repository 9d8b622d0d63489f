/** The bar: the connection in words, how many wait, and Call. On every screen of an open or locked phone. */
import { canSendClosed, connection, waiting, type Connection } from '../../state/connection.ts';
import { t, tn, type MessageKey } from '../../state/language.ts';
import { demo, phase } from '../../state/session.ts';
import { route } from '../../state/router.ts';
import { CallButton } from './call_button.tsx';

const WORDS: Record<Connection, { key: MessageKey; tone: string }> = {
  connected: { key: 'connected', tone: 'good' },
  offline: { key: 'offline', tone: 'bad' },
  sign_in: { key: 'sign_in_to_send', tone: 'bad' },
};

export function Bar() {
  const { key, tone } = WORDS[connection.value];
  const settings = phase.value === 'open' && route.value.name !== 'me';
  return (
    <>
      <header class="bar">
        <p class="bar-state" role="status">
          <span class={`state ${tone}`}>{t(key)}</span>
          {waiting.value > 0 && <span class="soft">{tn('waiting', waiting.value)}</span>}
        </p>
        {settings && (
          <a class="button quiet" href="#/me">
            {t('menu_me')}
          </a>
        )}
        <CallButton />
      </header>
      {!canSendClosed && waiting.value > 0 && <p class="strip bad">{t('not_sent_keep_open')}</p>}
      <DemoBanner />
    </>
  );
}

export function DemoBanner() {
  return demo.value ? <p class="strip demo">{t('demo_banner')}</p> : null;
}
