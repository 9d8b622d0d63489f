/** Who the person is, as the coordinator learns it: the words that an officer could only write down by ear. */
import { useState } from 'preact/hooks';
import { FIELDS } from '../../domain/fields.ts';
import { standingGrant } from '../../domain/fold.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { changedMeanwhile, opOf, type Change, type Seen } from '../conflicts/meanwhile.ts';
import { Button, Card, Field, TextInput } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Failed } from './answer.tsx';
import { read } from './reading.ts';
import { clean } from './text.ts';
import { useSubmit } from './use_submit.ts';
import { fieldName } from './wording.ts';

export const meanwhile = lazily(() => import('../conflicts/index.tsx'), 'conflicts');

const KEYS = ['name', 'alias', 'contact', 'safe_to_contact'] as const;
type Texts = Partial<Record<(typeof KEYS)[number], string>>;

/** As it would be sent: an emptied line clears the field. */
const sentOf = (texts: Texts): Record<string, string | null> =>
  Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, clean(text) || null]));

export function WhoForm({ record, close }: { record: ReferralRecord; close: () => void }) {
  const [texts, setTexts] = useState<Texts>({});
  const [seen, setSeen] = useState<Seen>(() => Object.fromEntries(KEYS.map((key) => [key, opOf(record, key)])));
  const { busy, failed, send } = useSubmit(record.id);
  const fields = sentOf(texts);
  const changes = changedMeanwhile(fields, seen, record, me.value?.user_id);
  const leaveTheirs = ({ key }: Change): void => setTexts(({ [key as keyof Texts]: _mine, ...others }) => others);
  const keepMine = ({ key, op }: Change): void => setSeen({ ...seen, [key]: op });
  const save = async (): Promise<void> => {
    const changed = Object.fromEntries(Object.entries(fields).filter(([key, value]) => value !== (read<string>(record, key) ?? null)));
    const consent = standingGrant(record.state.consent);
    const act = { kind: 'referral.set', payload: { fields: changed }, saw: consent === null ? [] : [consent] };
    if (Object.keys(changed).length === 0 || (await send([act], { shown: record }))) close();
  };
  return (
    <Card title={t('co_who')}>
      {changes.length > 0 && <Lazy inside load={meanwhile} props={{ what: 'changed', changes, keepMine, leaveTheirs }} />}
      {KEYS.map((key) => (
        <Field key={key} label={fieldName(key)}>
          <TextInput
            autoComplete="off"
            autoCapitalize={key === 'name' || key === 'alias' ? 'words' : 'sentences'}
            maxLength={FIELDS[key][2]!}
            value={texts[key] ?? read<string>(record, key) ?? ''}
            onInput={(text) => setTexts({ ...texts, [key]: text })}
          />
        </Field>
      ))}
      <Button kind="act" busy={busy} disabled={changes.length > 0} onClick={() => void save()}>
        {t('co_who_save')}
      </Button>
      <Button onClick={close}>{t('cancel')}</Button>
      <Failed when={failed} />
    </Card>
  );
}
