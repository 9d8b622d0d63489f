/** Every phone and desk of the program: when it was last in contact, what waits on it, and removing one. */
import { t, tn } from '../../state/language.ts';
import { Card, Screen, When } from '../parts/index.ts';
import { age } from '../desk/words.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { Places } from './places.tsx';
import { askDevices, revokeDevice, type ProgramDevice } from './server.ts';

export default function Devices({ back }: { back?: (() => void) | undefined }) {
  const [asked, again] = useAsked(askDevices);
  return (
    <Screen title={t('adm_devices')} wide back={back}>
      <Places />
      <p class="soft">{t('adm_devices_lead')}</p>
      <Answer asked={asked} again={again}>
        {(devices) => (
          <>
            {devices.length === 0 && <p>{t('adm_devices_none')}</p>}
            <ul class="adm-list">
              {devices.map((device) => (
                <Device key={device.device_id} device={device} again={again} />
              ))}
            </ul>
          </>
        )}
      </Answer>
    </Screen>
  );
}

/** What the phone itself last said still waits on it. */
export function pendingWords({ pending, oldest_pending_minutes: minutes }: Pick<ProgramDevice, 'pending' | 'oldest_pending_minutes'>): string {
  if (pending === 0) return t('adm_pending_none');
  const count = tn('adm_pending', pending);
  return minutes === null ? count : `${count} · ${t('adm_oldest', { age: age(minutes) })}`;
}

function Device({ device, again }: { device: ProgramDevice; again: () => void }) {
  const { device_id, name, label, state, seen_at, pending, revoked_at, revoked_why, forked, unarrived } = device;
  const { busy, outcome, run } = useDeed();
  const called = label || t('adm_device_unnamed');
  const revoke = (): void =>
    void run(async () => {
      await revokeDevice(device_id);
      again();
      return t('adm_revoked_now', { name });
    });
  return (
    <li>
      <Card title={name}>
        <p>{called}</p>
        <p class={`state ${state === 'active' ? 'good' : 'plain'}`}>{t(`adm_device_${state}`)}</p>
        {revoked_at && (
          <p class="soft">
            {t(revoked_why === 'copied' ? 'adm_revoked_copied' : 'adm_revoked_at')} <When at={revoked_at} />
          </p>
        )}
        <p class="soft">
          {t('adm_contact')} <When at={seen_at} />
        </p>
        <p class={pending > 0 ? 'state wait' : 'soft'}>{pendingWords(device)}</p>
        {forked && <p class="state wait">{t('adm_device_forked')}</p>}
        {unarrived > 0 && <p class="state bad">{tn('adm_unarrived', unarrived)}</p>}
        {state === 'active' && (
          <Sure
            ask={t('adm_revoke')} label={`${t('adm_revoke')}: ${name}, ${called}`}
            lead={pending > 0 ? `${t('adm_revoke_sure')} ${tn('adm_revoke_pending', pending)}` : t('adm_revoke_sure')}
            yes={t('adm_revoke_yes')} busy={busy} act={revoke}
          />
        )}
        <Came of={outcome} />
      </Card>
    </li>
  );
}
