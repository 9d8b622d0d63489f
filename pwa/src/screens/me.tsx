/** Settings: the person, language and light, the phone, and for those who are paged a test of it. */
import { useState } from 'preact/hooks';
import { announce } from '../state/announce.ts';
import { startUpdate, updateReady } from '../state/app.ts';
import { canSendClosed, lastSyncAt, syncNow, waiting } from '../state/connection.ts';
import { t, tn } from '../state/language.ts';
import { chooseLanguage, chooseTheme, language, theme } from '../state/preferences.ts';
import { notifications, sendTest } from '../state/notifications.ts';
import { route } from '../state/router.ts';
import { lock, me, program, signOut, switchOfficer } from '../state/session.ts';
import { AllowNotifications } from './allow.tsx';
import { Button, LinkButton } from './parts/button.tsx';
import { Options } from './parts/choice.tsx';
import { Lazy, lazily } from './parts/lazy.tsx';
import { Card, Screen } from './parts/screen.tsx';
import { When } from './parts/when.tsx';
import { Unread } from './parts/unread.tsx';

/** Who reads the program's rules outside of their daily work; officers meet them on the way, administrators begin there. */
const READERS = new Set(['sergeant', 'coordinator', 'case_manager', 'supervisor', 'prosecutor']);

/** Who is paged, by more ways than one, and has shifts. */
const ON_CALL = new Set(['coordinator', 'case_manager', 'supervisor']);

const setup = lazily(() => import('./setup.tsx'), 'lock');
const reached = lazily(() => import('./reached/index.tsx'), 'reached');
const handover = lazily(() => import('./handover/index.tsx'), 'handover');

export default function Me() {
  const who = me.value;
  if (!who) return null;
  const [room] = route.value.params;
  if (room === 'reached' && ON_CALL.has(who.role)) return <Lazy load={reached} props={{}} />;
  if (room === 'phone') return <Lazy load={handover} props={{}} />;
  if (room === 'access' || room === 'devices') return <Lazy load={setup} props={{ what: room }} />;
  const role = t(`role_${who.role}`);
  return (
    <Screen title={t('me_title')} back main={<Button kind="act" onClick={() => void lock()}>{t('lock_now')}</Button>}>
      <p class="soft">{t('me_signed_in', { name: who.name, role, program: program.value?.name ?? who.program_id })}</p>
      {updateReady.value && (
        <Card tone="good">
          <p>{t('update_ready')}</p>
          <Button onClick={() => void startUpdate()}>{t('update_now')}</Button>
        </Card>
      )}
      <LinkButton to="/me/access">{t('me_access')}</LinkButton>
      <LinkButton to="/me/devices">{t('me_devices')}</LinkButton>
      {READERS.has(who.role) && <LinkButton to="/rules">{t('me_rules')}</LinkButton>}
      {ON_CALL.has(who.role) && <MyWays />}
      {ON_CALL.has(who.role) && <LinkButton to="/rota">{t('me_rota')}</LinkButton>}
      {who.role === 'officer' && <OfficersPhone />}
      <Options
        inline
        label={t('language_title')}
        value={language.value}
        onChoose={chooseLanguage}
        options={[
          { value: 'en', label: <span lang="en">English</span> },
          { value: 'es', label: <span lang="es">Español</span> },
        ]}
      />
      <Options
        inline
        label={t('theme_title')}
        value={theme.value}
        onChoose={chooseTheme}
        options={[
          { value: 'system', label: t('theme_system') },
          { value: 'night', label: t('theme_night') },
          { value: 'day', label: t('theme_day') },
        ]}
      />
      <ThisPhone />
      <p class="soft">{t('sign_out_lead')}</p>
      <div class="actions">
        <Button onClick={switchOfficer}>{t('switch_officer')}</Button>
        <Button onClick={() => void signOut()}>{t('sign_out')}</Button>
      </div>
    </Screen>
  );
}

function ThisPhone() {
  const [busy, setBusy] = useState(false);
  const exchange = async (): Promise<void> => {
    setBusy(true);
    await syncNow();
    setBusy(false);
  };
  return (
    <Card title={t('phone_title')}>
      <Unread />
      {waiting.value > 0 && <p>{tn('waiting', waiting.value)}</p>}
      {waiting.value > 0 && !canSendClosed && <p class="state bad">{t('not_sent_keep_open')}</p>}
      <p>
        {lastSyncAt.value === null ? t('last_sync_never') : t('last_sync')}{' '}
        {lastSyncAt.value !== null && <When at={lastSyncAt.value} />}
      </p>
      <Button busy={busy} onClick={() => void exchange()}>
        {t('sync_now')}
      </Button>
      <LinkButton to="/me/phone">{t('me_phone')}</LinkButton>
    </Card>
  );
}

/** An officer's only way. Whoever is paged has more of them, and tests them on a screen of their own. */
function OfficersPhone() {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState('');
  const on = notifications.value === 'on';
  const test = async (): Promise<void> => {
    setBusy(true);
    setResult('');
    const sentence = t((await sendTest()) ? 'notify_test_sent' : 'notify_failed');
    setResult(sentence);
    announce(sentence);
    setBusy(false);
  };
  return (
    <Card title={t('answer_title')} tone={on ? 'good' : undefined}>
      <AllowNotifications lead="answer_lead" />
      {on && (
        <Button busy={busy} onClick={() => void test()}>
          {t('notify_test')}
        </Button>
      )}
      {on && result && <p class="soft">{result}</p>}
    </Card>
  );
}

function MyWays() {
  return (
    <Card title={t('test_title')} tone={notifications.value === 'on' ? 'good' : 'wait'}>
      <AllowNotifications lead="test_lead" />
      <LinkButton to="/me/reached">{t('me_reached')}</LinkButton>
    </Card>
  );
}
