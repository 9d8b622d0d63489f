/** The program's accounts: who they are, whether they can come in, and changing that. Never any content. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { me, program } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import { Button, Card, Field, LinkButton, Screen, TextInput, When } from '../parts/index.ts';
import { Select } from '../desk/filters.tsx';
import { hasAgency, inOrder, isAccountRole, matching, ROLES, type AccountRole } from './accounts.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { Places } from './places.tsx';
import { askPeople, changePerson, unlockPerson, type AccountChange, type AccountEntry } from './server.ts';

const TONES = { active: 'good', invited: 'wait', closed: 'plain' } as const;

export const roleName = (role: string): string => (isAccountRole(role) ? t(`role_${role}`) : role);

export const roleChoices = (): { id: string; name: string }[] => ROLES.map((id) => ({ id, name: t(`role_${id}`) }));

const agencyName = (id: string | null): string | undefined => program.value?.agencies.find((agency) => agency.id === id)?.name;

export default function People() {
  const [asked, again] = useAsked(askPeople);
  const [words, setWords] = useState('');
  return (
    <Screen title={t('adm_people')} wide main={<LinkButton kind="act" to="/invite">{t('adm_invite')}</LinkButton>}>
      <Places />
      <Field label={t('adm_people_search')}>
        <TextInput type="search" inputMode="search" autoComplete="off" value={words} onInput={setWords} />
      </Field>
      <Answer asked={asked} again={again}>
        {(people) => {
          const shown = inOrder(matching(people, words));
          return (
            <>
              <p class="soft" role="status">
                {tn('adm_people_count', shown.length)}
              </p>
              <ul class="adm-list">
                {shown.map((person) => (
                  <Person key={person.id} person={person} again={again} />
                ))}
              </ul>
            </>
          );
        }}
      </Answer>
    </Screen>
  );
}

function Person({ person, again }: { person: AccountEntry; again: () => void }) {
  const { id, name, login, role, agency_id, state, seen_at, locked_until } = person;
  const { busy, outcome, run } = useDeed();
  const [changing, setChanging] = useState(false);
  const own = id === me.value?.user_id;
  const change = (wanted: AccountChange, said: string): void => {
    void run(async () => {
      await changePerson(id, wanted);
      setChanging(false);
      again();
      return said;
    });
  };
  const unlock = (): void =>
    void run(async () => {
      await unlockPerson(id);
      again();
      return t('adm_unlocked', { name });
    });
  return (
    <li>
      <Card title={name}>
        <p>{[roleName(role), agencyName(agency_id)].filter(Boolean).join(' · ')}</p>
        <p class="soft">{t('adm_login', { login })}</p>
        <p class={`state ${TONES[state]}`}>{t(`adm_state_${state}`)}</p>
        <p class="soft">
          {t('adm_seen')} {seen_at === null ? t('adm_never') : <When at={seen_at} />}
        </p>
        {locked_until && <p class="state wait">{t('adm_locked', { time: exactly(locked_until, now.value) })}</p>}
        {own ? (
          <p class="soft">{t('adm_own')}</p>
        ) : (
          <div class="actions">
            {locked_until && (
              <Button busy={busy} label={`${t('adm_unlock')}: ${name}`} onClick={unlock}>
                {t('adm_unlock')}
              </Button>
            )}
            {state !== 'closed' && (
              <Button label={`${t('adm_change')}: ${name}`} pressed={changing} onClick={() => setChanging(!changing)}>
                {t('adm_change')}
              </Button>
            )}
            {state === 'active' && (
              <Sure
                ask={t('adm_close')} label={`${t('adm_close')}: ${name}`} lead={t('adm_close_sure', { name })} yes={t('adm_close_yes')}
                busy={busy} act={() => change({ active: false }, t('adm_closed', { name }))}
              />
            )}
            {state === 'closed' && (
              <Button busy={busy} label={`${t('adm_open')}: ${name}`} onClick={() => change({ active: true }, t('adm_opened', { name }))}>
                {t('adm_open')}
              </Button>
            )}
          </div>
        )}
        {changing && <Change person={person} busy={busy} change={(wanted) => change(wanted, t('adm_changed', { name }))} />}
        <Came of={outcome} />
      </Card>
    </li>
  );
}

function Change({ person, busy, change }: { person: AccountEntry; busy: boolean; change: (wanted: AccountChange) => void }) {
  const [role, setRole] = useState<AccountRole | null>(isAccountRole(person.role) ? person.role : null);
  const [agency_id, setAgency] = useState(person.agency_id);
  const [missing, setMissing] = useState(false);
  const save = (): void => {
    const whole = role !== null && (!hasAgency(role) || agency_id !== null);
    setMissing(!whole);
    if (whole) change({ role, agency_id: hasAgency(role) ? agency_id : null });
  };
  return (
    <div class="stack">
      <RoleFields role={role} agency_id={agency_id} missing={missing} onRole={setRole} onAgency={setAgency} />
      <p class="soft">{t('adm_change_lead')}</p>
      <Button busy={busy} onClick={save}>
        {t('adm_change_save')}
      </Button>
    </div>
  );
}

interface RoleFieldsProps {
  role: AccountRole | null;
  agency_id: string | null;
  /** Something was left out when it was asked for. */
  missing: boolean;
  onRole: (role: AccountRole | null) => void;
  onAgency: (id: string | null) => void;
}

/** What somebody is, and for the police where. */
export function RoleFields({ role, agency_id, missing, onRole, onAgency }: RoleFieldsProps) {
  const agencies = program.value?.agencies ?? [];
  return (
    <>
      <Field label={t('adm_role')} error={missing && role === null ? t('adm_role_missing') : undefined}>
        <Select value={role} none={t('adm_choose')} choices={roleChoices()} onChoose={(id) => onRole(id as AccountRole | null)} />
      </Field>
      {role !== null && hasAgency(role) && (
        <Field label={t('adm_agency')} error={missing && agency_id === null ? t('adm_agency_missing') : undefined}>
          <Select value={agency_id} none={t('adm_choose')} choices={agencies} onChoose={onAgency} />
        </Field>
      )}
    </>
  );
}
