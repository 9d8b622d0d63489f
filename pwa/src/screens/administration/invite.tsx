/** Inviting somebody, and the invitations that nobody has taken up yet. */
import { useState } from 'preact/hooks';
import { minute, now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { exactly } from '../../state/times.ts';
import { Button, Card, ErrorSummary, Field, Screen, TextInput, type FieldError } from '../parts/index.ts';
import { hasAgency, type AccountRole } from './accounts.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, useDeed } from './doing.tsx';
import { minutesLeft, ShownInvitation } from './invitation.tsx';
import { RoleFields } from './people.tsx';
import { Places } from './places.tsx';
import { askInvitations, endInvitation, invite, type InvitationEntry, type NewInvitation } from './server.ts';

interface Made {
  name: string;
  made: NewInvitation;
}

export default function Invite() {
  const [asked, again] = useAsked(askInvitations);
  const [shown, setShown] = useState<Made | null>(null);
  const made = (next: Made): void => {
    setShown(next);
    again();
  };
  return (
    <Screen title={t('adm_invite')}>
      <Places />
      {shown && <ShownInvitation key={shown.made.id} {...shown} />}
      <Form key={shown?.made.id} made={made} />
      <section class="stack" aria-labelledby="open-invitations">
        <h2 id="open-invitations">{t('adm_invitations')}</h2>
        <Answer asked={asked} again={again}>
          {(invitations) => (
            <Open
              invitations={invitations.filter(({ expires_at }) => minutesLeft(expires_at, minute.value) !== null)}
              ended={(id) => {
                if (shown?.made.id === id) setShown(null);
                again();
              }}
            />
          )}
        </Answer>
      </section>
    </Screen>
  );
}

function Form({ made }: { made: (made: Made) => void }) {
  const { busy, outcome, run } = useDeed();
  const [name, setName] = useState('');
  const [login, setLogin] = useState('');
  const [role, setRole] = useState<AccountRole | null>(null);
  const [agency_id, setAgency] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const errors: FieldError[] = [];
  if (name.trim() === '') errors.push({ field: 'invite-name', text: t('adm_name_missing') });
  if (login.trim() === '') errors.push({ field: 'invite-login', text: t('adm_login_missing') });
  if (role === null) errors.push({ text: t('adm_role_missing') });
  else if (hasAgency(role) && agency_id === null) errors.push({ text: t('adm_agency_missing') });
  const error = (field: string): string | undefined => (tried ? errors.find((each) => each.field === field)?.text : undefined);
  const submit = (): void => {
    setTried(true);
    if (errors.length > 0 || role === null) return;
    const person = { name: name.trim(), login: login.trim(), role, agency_id: hasAgency(role) ? agency_id : null };
    void run(async () => {
      made({ name: person.name, made: await invite(person) });
      return null;
    });
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
      <p class="soft">{t('adm_invite_lead')}</p>
      <ErrorSummary errors={tried ? errors : []} />
      <Field id="invite-name" label={t('adm_name')} error={error('invite-name')}>
        <TextInput value={name} onInput={setName} autoComplete="off" autoCapitalize="words" maxLength={120} required />
      </Field>
      <Field id="invite-login" label={t('adm_login_field')} hint={t('adm_login_hint')} error={error('invite-login')}>
        <TextInput value={login} onInput={setLogin} autoComplete="off" autoCapitalize="none" maxLength={80} required />
      </Field>
      <RoleFields role={role} agency_id={agency_id} missing={tried} onRole={setRole} onAgency={setAgency} />
      <Button kind="act" type="submit" busy={busy}>
        {t('adm_invite_do')}
      </Button>
      <Came of={outcome} />
    </form>
  );
}

function Open({ invitations, ended }: { invitations: readonly InvitationEntry[]; ended: (id: string) => void }) {
  const { busy, outcome, run } = useDeed();
  const end = (id: string, name: string): void =>
    void run(async () => {
      await endInvitation(id);
      ended(id);
      return t('adm_invitation_ended', { name });
    });
  return (
    <>
      {invitations.length === 0 && <p class="soft">{t('adm_invitations_none')}</p>}
      <ul class="adm-list">
        {invitations.map(({ id, name, purpose, expires_at }) => (
          <li key={id}>
            <Card title={name}>
              <p>{t(`adm_purpose_${purpose}`)}</p>
              <p class="soft">{t('adm_until', { time: exactly(expires_at, now.value) })}</p>
              <Button busy={busy} label={`${t('adm_invitation_end')}: ${name}`} onClick={() => end(id, name)}>
                {t('adm_invitation_end')}
              </Button>
            </Card>
          </li>
        ))}
      </ul>
      <Came of={outcome} />
    </>
  );
}
