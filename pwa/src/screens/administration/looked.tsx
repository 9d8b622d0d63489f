/** Who looked at whom, and what else was done: the audit to read, to narrow, and to take away. Reading it is written down. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { record, records } from '../../state/records.ts';
import { program, me } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import { Button, Field, Screen, TextInput, When } from '../parts/index.ts';
import { Select } from '../desk/filters.tsx';
import { numberWords } from '../desk/words.ts';
import { Answer, useAsked } from './asking.tsx';
import { aboutWords, actWords, queryOf, type Wanted } from './audit.ts';
import { Came, useDeed } from './doing.tsx';
import { Places } from './places.tsx';
import { askAudit, askPeople, exportAudit, type AuditEntry, type AuditPage } from './server.ts';
import { TakeAway } from './take_away.tsx';

export default function Looked({ referral, back }: { referral?: string | undefined; back?: (() => void) | undefined }) {
  const [wanted, setWanted] = useState<Wanted>({ person: null, referral: referral ?? null, day: '' });
  const zone = program.value?.time_zone ?? 'UTC';
  const query = queryOf(wanted, zone);
  const [asked, again] = useAsked(() => askAudit(query), query);
  return (
    <Screen title={t(me.value?.role === 'administrator' ? 'adm_looked_accounts' : 'adm_looked')} wide back={back}>
      <Places />
      <p class="soft">{t('adm_looked_lead')}</p>
      <Narrow wanted={wanted} set={setWanted} />
      <Answer asked={asked} again={again}>
        {(page) => <Entries key={`${query} ${page.entries[0]?.number ?? 0}`} first={page} wanted={wanted} zone={zone} />}
      </Answer>
      <TakeAway lead={t('adm_csv_lead')} name="audit.csv" about={query} ask={() => exportAudit(query)} />
    </Screen>
  );
}

function Narrow({ wanted, set }: { wanted: Wanted; set: (wanted: Wanted) => void }) {
  const [people] = useAsked(askPeople);
  const numbered = records.value.flatMap((each) => (each.number === null ? [] : [{ id: each.id, name: numberWords(each), number: each.number }]));
  return (
    <div class="narrow no-print">
      <Field label={t('adm_person')}>
        <Select
          value={wanted.person} none={t('desk_everybody')} choices={people.state === 'told' ? people.told : []}
          onChoose={(person) => set({ ...wanted, person })}
        />
      </Field>
      {numbered.length > 0 && (
        <Field label={t('adm_referral')}>
          <Select
            value={wanted.referral} none={t('adm_every_referral')} choices={numbered.toSorted((a, b) => b.number - a.number)}
            onChoose={(referral) => set({ ...wanted, referral })}
          />
        </Field>
      )}
      <Field label={t('adm_day')}>
        <TextInput type="date" value={wanted.day} onInput={(day) => set({ ...wanted, day })} />
      </Field>
    </div>
  );
}

function known(id: string): string | null {
  const found = record(id);
  return found ? numberWords(found) : null;
}

function Entries({ first, wanted, zone }: { first: AuditPage; wanted: Wanted; zone: string }) {
  const [pages, setPages] = useState<readonly AuditPage[]>([first]);
  const { busy, outcome, run } = useDeed();
  const entries = pages.flatMap((page) => page.entries);
  const cursor = pages.at(-1)!.cursor;
  const more = (): void =>
    void run(async () => {
      const page = await askAudit(queryOf(wanted, zone, cursor));
      setPages([...pages, page]);
      return tn('adm_more_came', page.entries.length);
    });
  return (
    <>
      {entries.length === 0 && <p>{t('adm_looked_none')}</p>}
      <ol class="history">
        {entries.map((entry) => (
          <Line key={entry.number} entry={entry} />
        ))}
      </ol>
      {cursor !== null && (
        <Button busy={busy} onClick={more}>
          {t('adm_more')}
        </Button>
      )}
      <Came of={outcome} />
    </>
  );
}

function Line({ entry }: { entry: AuditEntry }) {
  const { at, action, outcome, actor_id, actor_name, opened_at, source } = entry;
  const who = actor_name || t(actor_id === null ? 'adm_server' : 'desk_somebody');
  const about = aboutWords(entry, known);
  return (
    <li>
      <When at={at} /> <strong>{who}</strong> · {actWords(action)}
      {about && ` · ${about}`}
      {outcome !== 'done' && <span class="state wait">{t('adm_outcome_refused')}</span>}
      {opened_at && <span class="soft"> {t('adm_opened_at', { time: exactly(opened_at, now.value) })}</span>}
      {source && <span class="soft"> {t('adm_source', { source })}</span>}
    </li>
  );
}
