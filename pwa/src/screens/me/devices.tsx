/** One's phones and browsers: when each was last heard of, removing what is lost, and using another one, too. */
import { useEffect, useState } from 'preact/hooks';
import { t, tn } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { Button } from '../parts/button.tsx';
import { Card, Screen } from '../parts/screen.tsx';
import { When } from '../parts/when.tsx';
import { Said } from './said.tsx';
import { askDevices, askEnrolment, removeDevice, type Enrolment, type OwnDevice } from './server.ts';
import { useWork, type Outcome } from './use_work.ts';

export default function Devices() {
  const [devices, setDevices] = useState<readonly OwnDevice[] | null>(null);
  const [unknown, setUnknown] = useState(false);
  const look = async (): Promise<void> => {
    const found = await askDevices().catch(() => null);
    setUnknown(found === null);
    if (found !== null) setDevices(found);
  };
  useEffect(() => void look(), []);
  return (
    <Screen title={t('devices_title')} back>
      {unknown && <p class="state wait">{t('access_offline')}</p>}
      <p class="soft">{t('devices_lead')}</p>
      {devices?.map((device) => <One key={device.device_id} device={device} look={look} />)}
      <Another />
    </Screen>
  );
}

function One({ device: { device_id, label, seen_at, pending }, look }: { device: OwnDevice; look: () => Promise<void> }) {
  const { busy, said, bad, run } = useWork();
  const [sure, setSure] = useState(false);
  const here = device_id === me.value?.device_id;
  const name = label || t('device_unnamed');
  const remove = async (): Promise<Outcome> => {
    await removeDevice(device_id);
    await look();
    return null;
  };
  return (
    <Card title={name}>
      <p class="soft">
        {here ? t('device_here') : t('device_seen')} {!here && <When at={seen_at} />}
      </p>
      {!here && pending > 0 && <p>{tn('device_waiting', pending)}</p>}
      {!here && !sure && (
        <Button label={t('device_remove_label', { label: name })} onClick={() => setSure(true)}>
          {t('passkey_remove')}
        </Button>
      )}
      {sure && (
        <>
          <p class="state bad">{t('device_remove_sure')}</p>
          <div class="actions">
            <Button onClick={() => setSure(false)}>{t('cancel')}</Button>
            <Button kind="danger" busy={busy} onClick={() => void run(remove)}>
              {t('device_remove_label', { label: name })}
            </Button>
          </div>
        </>
      )}
      <Said said={said} bad={bad} />
    </Card>
  );
}

/** The address and the code are shown once, here, and are nobody's after ten minutes. */
function Another() {
  const { busy, said, bad, run } = useWork();
  const [made, setMade] = useState<Enrolment | null>(null);
  const ask = async (): Promise<Outcome> => {
    setMade(await askEnrolment());
    return null;
  };
  return (
    <Card title={t('another_title')}>
      <p>{t('another_lead')}</p>
      {made && <Shown made={made} />}
      <Button busy={busy} onClick={() => void run(ask)}>
        {t(made ? 'another_again' : 'another_do')}
      </Button>
      <Said said={said} bad={bad} />
    </Card>
  );
}

function Shown({ made: { address, code, qr } }: { made: Enrolment }) {
  return (
    <>
      <p>{t('another_scan')}</p>
      <svg role="img" width="240" height="240" aria-label={t('another_square')} viewBox={`0 0 ${qr.size} ${qr.size}`}>
        <rect width="100%" height="100%" fill="#fff" />
        <path d={qr.path} fill="#000" />
      </svg>
      <p>{t('another_address')}</p>
      <pre class="copied">{address}</pre>
      <p>{t('another_code', { login: me.value?.login ?? '' })}</p>
      <p class="aloud">{code}</p>
    </>
  );
}
