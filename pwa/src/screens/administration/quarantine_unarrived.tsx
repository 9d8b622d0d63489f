/** Records that never arrived, by the phones' own counts: told per officer, until somebody has looked into it. */
import { useState } from 'preact/hooks';
import { t, tn } from '../../state/language.ts';
import { Button, Card, Field, TextInput, When } from '../parts/index.ts';
import { Came, useDeed } from './doing.tsx';
import { settleUnarrived, type UnarrivedEntry } from './quarantine_server.ts';

const REASON_SHORTEST = 3;

export function NeverArrived({ phones, again }: { phones: readonly UnarrivedEntry[]; again: () => void }) {
  if (phones.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="qua-unarrived">
      <h2 id="qua-unarrived">{t('qua_unarrived')}</h2>
      <p class="soft">{t('qua_unarrived_lead')}</p>
      {phones.map((phone) => (
        <Phone key={phone.device_id} phone={phone} again={again} />
      ))}
    </section>
  );
}

function Phone({ phone, again }: { phone: UnarrivedEntry; again: () => void }) {
  const { device_id, name, label, count, settled, seen_at, settled_by_name, settled_reason } = phone;
  const { busy, outcome, run } = useDeed();
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const open = settled < count;
  const settle = (): void => {
    const said = reason.trim();
    setMissing(said.length < REASON_SHORTEST);
    if (said.length < REASON_SHORTEST) return;
    void run(async () => {
      await settleUnarrived(device_id, count, said);
      again();
      return t('qua_settled_now');
    });
  };
  return (
    <Card title={name} {...(open ? { tone: 'wait' as const } : {})}>
      <p class={`state ${open ? 'bad' : 'plain'}`}>{tn('qua_never', count, { name })}</p>
      <p class="soft">
        {label || t('adm_device_unnamed')} · {t('adm_contact')} <When at={seen_at} />
      </p>
      {settled_by_name !== null && <p>{t('qua_settled', { n: settled, name: settled_by_name, reason: settled_reason ?? '' })}</p>}
      {open && (
        <>
          <Field id={`qua-${device_id}`} label={t('qua_found')} error={missing ? t('qua_why_missing') : undefined}>
            <TextInput value={reason} onInput={setReason} maxLength={300} />
          </Field>
          <Button busy={busy} label={`${t('qua_settle')}: ${name}`} onClick={settle}>
            {t('qua_settle')}
          </Button>
        </>
      )}
      <Came of={outcome} />
    </Card>
  );
}
