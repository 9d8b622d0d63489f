/** Entries of a referral (notes, contacts, observations): listed by time, signed, and struck through rather than removed. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { LIMITS } from '../../domain/fields.ts';
import type { EntryKind, StrikableKind } from '../../domain/operation.ts';
import type { EntryOf, Strike } from '../../domain/records.ts';
import type { Timing } from '../../domain/times.ts';
import { t } from '../../state/language.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, ErrorSummary, Field, TextInput, WhenDone } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { nameOf } from './names.ts';
import { clean } from './text.ts';
import { useSubmit } from './use_submit.ts';

export interface Listed<K extends EntryKind> {
  id: string;
  entry: EntryOf<K>;
  strike: Strike | undefined;
}

/** Entries of one kind, the newest first. */
export function entriesOf<K extends EntryKind>(record: Pick<ReferralRecord, 'state'>, kind: K): Listed<K>[] {
  const { entries, strikes } = record.state;
  return Object.entries(entries)
    .filter(([, entry]) => entry.kind === kind)
    .map(([id, entry]) => ({ id, entry: entry as unknown as EntryOf<K>, strike: strikes[id] }))
    .toSorted((a, b) => Date.parse(b.entry.at) - Date.parse(a.entry.at) || (a.id < b.id ? 1 : -1));
}

export function Byline({ of }: { of: Timing & { by: string } }) {
  return (
    <p class="soft">
      {`${nameOf(of.by)} · `}
      <WhenDone of={of} />
    </p>
  );
}

interface StruckProps {
  record: ReferralRecord;
  id: string;
  kind: StrikableKind;
  strike: Strike | undefined;
  children: ComponentChildren;
}

/** An entry's words; struck through, with who and why, once somebody said that they no longer hold. */
export function Struck({ record, id, kind, strike, children }: StruckProps) {
  const [asking, setAsking] = useState(false);
  if (strike !== undefined) {
    return (
      <>
        <p>
          <s>{children}</s>
        </p>
        <p class="soft">{t('co_struck', { name: nameOf(strike.by), reason: strike.reason })}</p>
      </>
    );
  }
  return (
    <>
      <p class="written">{children}</p>
      {asking ? (
        <StrikeForm record={record} id={id} kind={kind} close={() => setAsking(false)} />
      ) : (
        <Button kind="quiet" onClick={() => setAsking(true)}>
          {t('co_strike')}
        </Button>
      )}
    </>
  );
}

function StrikeForm({ record, id, kind, close }: { record: ReferralRecord; id: string; kind: StrikableKind; close: () => void }) {
  const [reason, setReason] = useState('');
  const [missing, setMissing] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const field = `strike-${id}`;
  const strike = async (): Promise<void> => {
    const cleaned = clean(reason);
    setMissing(cleaned === '');
    if (cleaned === '') return;
    const payload = { entry: id, entry_kind: kind, reason: cleaned };
    if (await send([{ kind: 'entry.strike', payload, saw: [id] }])) close();
  };
  return (
    <div class="form">
      <ErrorSummary errors={missing ? [{ field, text: t('co_strike_missing') }] : []} />
      <Field label={t('co_strike_reason')} id={field} error={missing ? t('co_strike_missing') : undefined}>
        <TextInput value={reason} onInput={setReason} maxLength={LIMITS.text} enterKeyHint="done" />
      </Field>
      <Button busy={busy} onClick={() => void strike()}>
        {t('co_strike_save')}
      </Button>
      <Button kind="quiet" onClick={close}>
        {t('cancel')}
      </Button>
      <Failed when={failed} />
    </div>
  );
}
