/** The bar: the connection in words, how many wait, and Call. On every screen of an open or locked phone. */
import { canSendClosed, connection, lookedOnce, waiting, type Connection } from '../../state/connection.ts';
import { t, tn, type MessageKey } from '../../state/language.ts';
import { blocked, outdated, unsaved } from '../../state/memory.ts';
import { demo, phase, signInInstead } from '../../state/session.ts';
import { route } from '../../state/router.ts';
import { CallButton } from './call_button.tsx';

const WORDS: Record<Connection, { key: MessageKey; tone: string }> = {
  connected: { key: 'connected', tone: 'good' },
  offline: { key: 'offline', tone: 'bad' },
  sign_in: { key: 'sign_in_to_send', tone: 'bad' },
};

/** What sticks under the bar needs its height, which depends on width, language and what the bar has to say. */
const heights = new ResizeObserver(([entry]) => {
  const height = entry?.borderBoxSize[0]?.blockSize;
  if (height !== undefined) document.documentElement.style.setProperty('--bar-height', `${height}px`);
});

function measured(bar: HTMLElement | null): void {
  heights.disconnect();
  if (bar !== null) heights.observe(bar);
}

export function Bar() {
  const { key, tone } = WORDS[connection.value];
  const settings = phase.value === 'open' && route.value.name !== 'me';
  return (
    <header class="top" ref={measured}>
      <div class="bar">
        <p class="bar-state" role="status">
          {lookedOnce.value ? <span class={`state ${tone}`}>{t(key)}</span> : <span class="state plain">{t('connecting')}</span>}
          {waiting.value > 0 && <span class="soft">{tn('waiting', waiting.value)}</span>}
        </p>
        {connection.value === 'sign_in' && phase.value === 'open' && (
          <button type="button" class="button quiet" onClick={signInInstead}>
            {t('sign_in')}
          </button>
        )}
        {settings && connection.value !== 'sign_in' && (
          <a class="button quiet" href="#/me">
            {t('menu_me')}
          </a>
        )}
        <CallButton />
      </div>
      {!canSendClosed && waiting.value > 0 && <p class="strip bad">{t('not_sent_keep_open')}</p>}
      {unsaved.value && <p class="strip bad" role="alert">{t('unsaved')}</p>}
      {blocked.value && <p class="strip bad" role="alert">{t('blocked')}</p>}
      {outdated.value && (
        <p class="strip bad" role="alert">
          {t('outdated')}{' '}
          <button type="button" class="as-link" onClick={() => globalThis.location.reload()}>
            {t('reload')}
          </button>
        </p>
      )}
      {phase.value === 'write_only' && <p class="strip wait">{t('write_only_banner')}</p>}
      {demo.value && <p class="strip demo">{t('demo_banner')}</p>}
    </header>
  );
}
