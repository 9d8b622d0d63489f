/** On a referral at a supervisor's desk: asking that it be kept for the law, or erased. Both need a second person. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button, Card, Field, LinkButton, TextInput } from '../parts/index.ts';
import { Select } from '../desk/filters.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { askExpunge, askHold, type ExpungeReason, type HoldReason } from './server.ts';

const HOLD_REASONS = ['litigation', 'court_order', 'records_request', 'complaint', 'audit'] as const;
const EXPUNGE_REASONS = ['court_order', 'participant', 'mistake'] as const;

export function Keeping({ id }: { id: string }) {
  const [open, setOpen] = useState<'hold' | 'erase' | null>(null);
  const toggle = (what: 'hold' | 'erase'): void => setOpen(open === what ? null : what);
  return (
    <section class="stack no-print" aria-labelledby="keeping">
      <h3 id="keeping">{t('adm_keeping')}</h3>
      <div class="actions">
        <LinkButton to={`/looked/${id}`}>{t('adm_looked_here')}</LinkButton>
        <LinkButton to={`/told/${id}`}>{t('adm_told_here')}</LinkButton>
        <Button pressed={open === 'hold'} onClick={() => toggle('hold')}>
          {t('adm_hold')}
        </Button>
        <Button pressed={open === 'erase'} onClick={() => toggle('erase')}>
          {t('adm_erase')}
        </Button>
      </div>
      {open === 'hold' && <Hold id={id} />}
      {open === 'erase' && <Erase id={id} />}
    </section>
  );
}

function Hold({ id }: { id: string }) {
  const { busy, outcome, run } = useDeed();
  const [reason, setReason] = useState<HoldReason | null>(null);
  const [until, setUntil] = useState('');
  const [tried, setTried] = useState(false);
  const ask = (): void => {
    setTried(true);
    if (reason === null || until === '') return;
    void run(async () => {
      await askHold(id, reason, until);
      return t('adm_asked_now');
    });
  };
  return (
    <Card>
      <p>{t('adm_hold_lead')}</p>
      <Field label={t('adm_reason_field')} error={tried && reason === null ? t('adm_reason_missing') : undefined}>
        <Select
          value={reason} none={t('adm_choose')} onChoose={(chosen) => setReason(chosen as HoldReason | null)}
          choices={HOLD_REASONS.map((each) => ({ id: each, name: t(`adm_why_${each}`) }))}
        />
      </Field>
      <Field label={t('adm_hold_last_day')} error={tried && until === '' ? t('adm_day_missing') : undefined}>
        <TextInput type="date" value={until} onInput={setUntil} required />
      </Field>
      <Button busy={busy} onClick={ask}>
        {t('adm_ask_yes')}
      </Button>
      <Came of={outcome} />
    </Card>
  );
}

function Erase({ id }: { id: string }) {
  const { busy, outcome, run } = useDeed();
  const [reason, setReason] = useState<ExpungeReason | null>(null);
  const ask = (chosen: ExpungeReason): void =>
    void run(async () => {
      await askExpunge(id, chosen);
      return t('adm_asked_now');
    });
  return (
    <Card>
      <p>{t('adm_erase_lead')}</p>
      <Field label={t('adm_reason_field')}>
        <Select
          value={reason} none={t('adm_choose')} onChoose={(chosen) => setReason(chosen as ExpungeReason | null)}
          choices={EXPUNGE_REASONS.map((each) => ({ id: each, name: t(`adm_why_${each}`) }))}
        />
      </Field>
      {reason !== null && (
        <Sure ask={t('adm_erase_ask')} lead={t('adm_erase_sure')} yes={t('adm_ask_yes')} busy={busy} act={() => ask(reason)} />
      )}
      <Came of={outcome} />
    </Card>
  );
}
