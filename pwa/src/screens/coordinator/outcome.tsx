/** How they met, what the program decided, and closing. Each is one decision, visible afterwards, and can be changed. */
import { useState } from 'preact/hooks';
import { LIMITS } from '../../domain/fields.ts';
import { t } from '../../state/language.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, ErrorSummary, Field, Options, TextInput } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { CLOSINGS, DECISIONS, HANDOFFS } from './codes.ts';
import { Byline } from './entries.tsx';
import { sawOf } from './inbox.ts';
import { isClosed, read, register } from './reading.ts';
import { clean } from './text.ts';
import { useSubmit } from './use_submit.ts';
import { dropText, keepText, working } from './working.ts';
import { valueInWords, word } from './wording.ts';

/** What was decided, by whom, and a way to change it. */
function Decided({ record, name, change }: { record: ReferralRecord; name: string; change: () => void }) {
  const written = register(record, name);
  if (!written) return null;
  return (
    <>
      <p class="state good">{valueInWords(name, written.value)}</p>
      <Byline of={written} />
      {!isClosed(record) && (
        <Button kind="quiet" onClick={change}>
          {t('co_change')}
        </Button>
      )}
    </>
  );
}

export function Handoff({ record }: { record: ReferralRecord }) {
  const [changing, setChanging] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const outcome = read<{ outcome: string }>(record, 'handoff')?.outcome;
  const choose = async (chosen: string): Promise<void> => {
    const saw = [...sawOf(record), ...(register(record, 'handoff') ? [register(record, 'handoff')!.op] : [])];
    if (await send([{ kind: 'handoff.record', payload: { outcome: chosen }, saw }])) setChanging(false);
  };
  return (
    <Card title={t('co_handoff')}>
      {outcome !== undefined && !changing ? (
        <Decided record={record} name="handoff" change={() => setChanging(true)} />
      ) : (
        <div class="two" role="group" aria-label={t('co_handoff')}>
          {HANDOFFS.map((each) => (
            <Button key={each} busy={busy} pressed={each === outcome} onClick={() => void choose(each)}>
              {word('handoff', each)}
            </Button>
          ))}
        </div>
      )}
      <Failed when={failed} />
    </Card>
  );
}

export function Decision({ record }: { record: ReferralRecord }) {
  const decided = register(record, 'decision');
  const [changing, setChanging] = useState(false);
  const [outcome, setOutcome] = useState<(typeof DECISIONS)[number] | null>(null);
  const [missing, setMissing] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const reason = working(record.id).texts.decision ?? '';
  const save = async (): Promise<void> => {
    setMissing(outcome === null);
    if (outcome === null) return;
    const payload = { outcome, reason: clean(reason) || null };
    if (!(await send([{ kind: 'decision.record', payload, saw: decided ? [decided.op] : [] }]))) return;
    await dropText(record.id, 'decision');
    setChanging(false);
  };
  if (decided && !changing) {
    return (
      <Card title={t('co_decision')}>
        <Decided record={record} name="decision" change={() => setChanging(true)} />
      </Card>
    );
  }
  return (
    <Card title={t('co_decision')}>
      <ErrorSummary errors={missing ? [{ field: 'decision', text: t('co_decision_missing') }] : []} />
      <Options
        id="decision"
        hideLabel
        label={t('co_decision')}
        options={DECISIONS.map((value) => ({ value, label: word('decision', value) }))}
        value={outcome}
        onChoose={setOutcome}
      />
      <Field label={t('co_reason')} hint={t('co_decision_reason_hint')} optional>
        <TextInput
          value={reason}
          onInput={(text) => keepText(record.id, 'decision', text)}
          maxLength={LIMITS.text}
          enterKeyHint="done"
        />
      </Field>
      <Button busy={busy} onClick={() => void save()}>
        {t('co_decision_save')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}

export function Closing({ record }: { record: ReferralRecord }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState<(typeof CLOSINGS)[number] | null>(null);
  const [missing, setMissing] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  if (isClosed(record)) return null;
  const close = (): void => {
    setMissing(reason === null);
    if (reason !== null) void send([{ kind: 'referral.close', payload: { reason }, saw: sawOf(record) }]);
  };
  if (!asking) {
    return (
      <Button kind="quiet" onClick={() => setAsking(true)}>
        {t('co_close')}
      </Button>
    );
  }
  return (
    <Card title={t('co_close')}>
      <p class="soft">{t('co_close_lead')}</p>
      <ErrorSummary errors={missing ? [{ field: 'closing', text: t('co_close_missing') }] : []} />
      <Options
        id="closing"
        hideLabel
        label={t('co_close')}
        options={CLOSINGS.map((value) => ({ value, label: word('close', value) }))}
        value={reason}
        onChoose={setReason}
      />
      <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
      <Button kind="danger" busy={busy} onClick={close}>
        {t('co_close_save')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}
