/** Consent to be referred: whether they still want this, how the yes was given, and taking it back, which nothing blocks. */
import { useState } from 'preact/hooks';
import type { Signature } from '../../domain/operation.ts';
import type { ConsentEvent } from '../../domain/records.ts';
import { t } from '../../state/language.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { Byline } from './entries.tsx';
import { read, register } from './reading.ts';
import { useSubmit } from './use_submit.ts';
import { languageName, word } from './wording.ts';

type ConfirmAnswer = 'yes' | 'no' | 'not_asked';
const ANSWERS = [
  ['yes', 'yes'],
  ['no', 'no'],
  ['not_asked', 'co_confirm_not_asked'],
] as const;

/** Asked first of everything; the answer stays visible and can be asked for again. */
export function StillWants({ record }: { record: ReferralRecord }) {
  const [again, setAgain] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const written = register(record, 'confirmation');
  const answer = read<{ answer: ConfirmAnswer }>(record, 'confirmation')?.answer;
  const confirm = async (given: ConfirmAnswer): Promise<void> => {
    const act = { kind: 'consent.confirm', payload: { answer: given }, saw: written ? [written.op] : [] };
    if (await send([act])) setAgain(false);
  };
  if (written && answer !== undefined && answer !== 'not_asked' && !again) {
    return (
      <Card title={t('co_confirm_title')} tone={answer === 'yes' ? 'good' : 'wait'}>
        <p class={`state ${answer === 'yes' ? 'good' : 'wait'}`}>{t(`co_confirmed_${answer}`)}</p>
        <Byline of={written} />
        {answer === 'no' && <Withdraw record={record} />}
        <Button kind="quiet" onClick={() => setAgain(true)}>
          {t('co_ask_again')}
        </Button>
      </Card>
    );
  }
  return (
    <Card title={t('co_confirm_title')}>
      <p class="soft">{t('co_confirm_lead')}</p>
      {answer === 'not_asked' && <p class="state wait">{t('co_confirmed_not_asked')}</p>}
      <div class="answers" role="group" aria-label={t('co_confirm_title')}>
        {ANSWERS.map(([value, key]) => (
          <Button key={value} busy={busy} onClick={() => void confirm(value)}>
            {t(key)}
          </Button>
        ))}
      </div>
      <Failed when={failed} />
    </Card>
  );
}

function Withdraw({ record }: { record: ReferralRecord }) {
  const [kept, setKept] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  if (kept) return null;
  const withdraw = (): void => {
    void send([{ kind: 'consent.withdraw', payload: { reason: null }, saw: Object.keys(record.state.consent).slice(-64) }]);
  };
  return (
    <div class="form">
      <h3>{t('co_withdraw_title')}</h3>
      <p>{t('co_withdraw_lead')}</p>
      <Button onClick={() => setKept(true)}>{t('co_withdraw_keep')}</Button>
      <Button kind="danger" busy={busy} onClick={withdraw}>
        {t('co_withdraw')}
      </Button>
      <Failed when={failed} />
    </div>
  );
}

/** Strokes as one path; a dot is a line to itself. */
export function pathOf(strokes: readonly (readonly number[])[]): string {
  return strokes
    .filter((stroke) => stroke.length >= 2)
    .map((stroke) => {
      const points: string[] = [];
      for (let at = 0; at + 1 < stroke.length; at += 2) points.push(`${stroke[at]} ${stroke[at + 1]}`);
      return `M${points[0]}L${points.join('L')}`;
    })
    .join('');
}

function Drawn({ signature }: { signature: Signature }) {
  return (
    <svg class="drawn" viewBox={`0 0 ${signature.width} ${signature.height}`} role="img" aria-label={t('co_signature')}>
      <path d={pathOf(signature.strokes)} />
    </svg>
  );
}

function Given({ event }: { event: ConsentEvent }) {
  if (event.kind === 'withdrawal') {
    return (
      <li>
        <p class="state wait">{t('co_withdrawal')}</p>
        <Byline of={event} />
      </li>
    );
  }
  const { method, witness, camera_reference, reader, interpreter, language, script_version, signature } = event.payload;
  const how = {
    signature: t('co_method_signature'),
    witness: t('co_method_witness', { witness: witness ?? '' }),
    camera: t('co_method_camera', { reference: camera_reference ?? '' }),
    phone: t('co_method_phone'),
  }[method];
  const read_by = reader === 'interpreter' ? t('co_reader_interpreter', { name: interpreter ?? '' }) : word('reader', reader);
  return (
    <li>
      <p>{how}</p>
      <p class="soft">{t('co_consent_script', { language: languageName(language), version: script_version, reader: read_by })}</p>
      {signature && <Drawn signature={signature} />}
      <Byline of={event} />
    </li>
  );
}

export function Consent({ record }: { record: ReferralRecord }) {
  const events = Object.entries(record.state.consent).toSorted(
    ([one, a], [other, b]) => Date.parse(a.at) - Date.parse(b.at) || (one < other ? -1 : 1),
  );
  return (
    <Card title={t('co_consent')}>
      {events.length === 0 && <p class="state wait">{t('co_consent_none')}</p>}
      <ul class="entries">
        {events.map(([id, event]) => (
          <Given key={id} event={event} />
        ))}
      </ul>
      <p class="soft">{t('co_consent_not_release')}</p>
    </Card>
  );
}
