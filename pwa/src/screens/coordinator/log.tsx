/** Attempts to reach the person, and notes. What is being typed survives locking and a closed app. */
import { useState } from 'preact/hooks';
import { LIMITS } from '../../domain/fields.ts';
import { t } from '../../state/language.ts';
import type { Act, ReferralRecord } from '../../state/types.ts';
import { Button, Card, ErrorSummary, Field, Options, TextArea } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { HOWS, RESULTS } from './codes.ts';
import { Byline, Struck, entriesOf } from './entries.tsx';
import { clean } from './text.ts';
import { useSubmit } from './use_submit.ts';
import { dropText, keepText, working, type TextName } from './working.ts';
import { word } from './wording.ts';

function useKeptText(record: ReferralRecord, name: TextName) {
  const { busy, failed, send } = useSubmit(record.id);
  const text = working(record.id).texts[name] ?? '';
  return {
    busy,
    failed,
    text,
    cleaned: clean(text),
    onInput: (typed: string) => keepText(record.id, name, typed),
    save: async (act: Act): Promise<boolean> => {
      const saved = await send([act]);
      if (saved) await dropText(record.id, name);
      return saved;
    },
  };
}

export function Contacts({ record }: { record: ReferralRecord }) {
  const [how, setHow] = useState<(typeof HOWS)[number] | null>(null);
  const [result, setResult] = useState<(typeof RESULTS)[number] | null>(null);
  const [missing, setMissing] = useState(false);
  const { busy, failed, text, cleaned, onInput, save } = useKeptText(record, 'contact');
  const listed = entriesOf(record, 'contact.add');
  const add = async (): Promise<void> => {
    setMissing(how === null || result === null);
    if (how === null || result === null) return;
    if (await save({ kind: 'contact.add', payload: { how, result, text: cleaned } })) {
      setHow(null);
      setResult(null);
    }
  };
  return (
    <Card title={t('co_contacts')}>
      {listed.length === 0 && <p class="soft">{t('co_contacts_none')}</p>}
      <ul class="entries">
        {listed.map(({ id, entry, strike }) => (
          <li key={id}>
            <Struck record={record} id={id} kind="contact.add" strike={strike}>
              <strong>
                {word('how', entry.payload.how)} · {word('result', entry.payload.result)}
              </strong>{' '}
              {entry.payload.text}
            </Struck>
            <Byline of={entry} />
          </li>
        ))}
      </ul>
      <ErrorSummary errors={missing ? [{ field: 'contact-how', text: t('co_contact_missing') }] : []} />
      <Options
        id="contact-how"
        inline
        label={t('co_contact_how')}
        options={HOWS.map((value) => ({ value, label: word('how', value) }))}
        value={how}
        onChoose={setHow}
      />
      <Options
        inline
        hideLabel
        label={t('co_contacts')}
        options={RESULTS.map((value) => ({ value, label: word('result', value) }))}
        value={result}
        onChoose={setResult}
      />
      <Field label={t('co_contact_text')} hint={t('co_note_hint')} optional>
        <TextArea value={text} onInput={onInput} rows={2} maxLength={LIMITS.note} />
      </Field>
      <Button busy={busy} onClick={() => void add()}>
        {t('co_contact_save')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}

export function Notes({ record }: { record: ReferralRecord }) {
  const [missing, setMissing] = useState(false);
  const { busy, failed, text, cleaned, onInput, save } = useKeptText(record, 'note');
  const add = async (): Promise<void> => {
    setMissing(cleaned === '');
    if (cleaned !== '') await save({ kind: 'note.add', payload: { text: cleaned } });
  };
  return (
    <Card title={t('co_notes')}>
      <ul class="entries">
        {entriesOf(record, 'note.add').map(({ id, entry, strike }) => (
          <li key={id}>
            <Struck record={record} id={id} kind="note.add" strike={strike}>
              {entry.payload.text}
            </Struck>
            <Byline of={entry} />
          </li>
        ))}
      </ul>
      <ErrorSummary errors={missing ? [{ field: 'note-new', text: t('co_note_missing') }] : []} />
      <Field
        id="note-new"
        label={t('co_note_new')}
        hint={t('co_note_hint')}
        error={missing ? t('co_note_missing') : undefined}
      >
        <TextArea value={text} onInput={onInput} maxLength={LIMITS.note} />
      </Field>
      <Button busy={busy} onClick={() => void add()}>
        {t('co_note_save')}
      </Button>
      <Failed when={failed} />
    </Card>
  );
}
