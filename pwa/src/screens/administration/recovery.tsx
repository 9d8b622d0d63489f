/** Asking that somebody who has lost every way in be let in again. Another person approves it, and hands over the address. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Button, ErrorSummary, Field, Screen, TextInput, type FieldError } from '../parts/index.ts';
import { Select } from '../desk/filters.tsx';
import { Answer, useAsked } from './asking.tsx';
import { Came, useDeed } from './doing.tsx';
import { roleName } from './people.tsx';
import { Places } from './places.tsx';
import { askPeople, askRecovery, type AccountEntry } from './server.ts';

export default function Recovery({ back }: { back?: (() => void) | undefined }) {
  const [asked, again] = useAsked(askPeople);
  return (
    <Screen title={t('adm_recovery')} back={back}>
      <Places />
      <p>{t('adm_recovery_lead')}</p>
      <Answer asked={asked} again={again}>
        {(people) => <Form people={people.filter(({ id, state }) => state === 'active' && id !== me.value?.user_id)} />}
      </Answer>
    </Screen>
  );
}

function Form({ people }: { people: readonly AccountEntry[] }) {
  const { busy, outcome, run } = useDeed();
  const [user_id, setUser] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const errors: FieldError[] = [];
  if (user_id === null) errors.push({ field: 'recovery-person', text: t('adm_person_missing') });
  if (reason.trim() === '') errors.push({ field: 'recovery-reason', text: t('adm_reason_missing') });
  const error = (field: string): string | undefined => (tried ? errors.find((each) => each.field === field)?.text : undefined);
  const submit = (): void => {
    setTried(true);
    if (user_id === null || errors.length > 0) return;
    void run(async () => {
      await askRecovery(user_id, reason.trim());
      return t('adm_asked_now');
    }).then((done) => done && go('/decide'));
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <ErrorSummary errors={tried ? errors : []} />
      <Field id="recovery-person" label={t('adm_person')} error={error('recovery-person')}>
        <Select
          value={user_id} none={t('adm_choose')} onChoose={setUser}
          choices={people.map(({ id, name, role }) => ({ id, name: `${name} · ${roleName(role)}` }))}
        />
      </Field>
      <Field id="recovery-reason" label={t('adm_reason_field')} hint={t('adm_reason_hint')} error={error('recovery-reason')}>
        <TextInput value={reason} onInput={setReason} autoComplete="off" maxLength={500} required />
      </Field>
      <Button kind="act" type="submit" busy={busy}>
        {t('adm_recovery_ask')}
      </Button>
      <Came of={outcome} />
    </form>
  );
}
