/** One person's own duty, for one thumb: now, who else, what is asked, and the next four weeks. */
import { t } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { CallButton, Card, LinkButton, Screen } from '../parts/index.ts';
import { isFresh, rotaNow, SHOWN_MS, useRota, type Known } from './known.ts';
import { Freshness, Requests, ZoneLine } from './parts.tsx';
import { othersNow, shiftsOf, sortRequests, type Duty } from './spans.ts';
import { arrangedWords, lengthWords, levelName, moment, nameOf, runningWords, shiftWords, untilWords } from './words.ts';

/** The address of what can be done about one shift. */
const pathTo = (what: 'cover' | 'swap' | 'hand_over', { level, from_ms, to_ms }: Duty): string =>
  `/rota/${what}/${level}/${from_ms}/${to_ms}`;

function Running({ shift, have }: { shift: Duty; have: Known }) {
  return (
    <Card tone={isFresh.value ? 'good' : undefined}>
      <p class={`state ${isFresh.value ? 'good' : 'plain'} rota-now`}>{runningWords(shift, have, rotaNow.value)}</p>
      {isFresh.value && (
        <div class="actions">
          <LinkButton to={pathTo('hand_over', shift)}>{t('rota_hand_over')}</LinkButton>
          <LinkButton to={pathTo('swap', shift)}>{t('rota_swap')}</LinkButton>
        </div>
      )}
    </Card>
  );
}

function Now({ running, coming, have }: { running: Duty[]; coming: Duty[]; have: Known }) {
  if (running.length > 0) return <>{running.map((shift) => <Running key={shift.level} shift={shift} have={have} />)}</>;
  const next = coming[0];
  return (
    <Card>
      <p class="state plain rota-now">{t('rota_not_now')}</p>
      {next && <p>{t('rota_next', { time: moment(next.from_ms, have.rota.zone, rotaNow.value) })}</p>}
    </Card>
  );
}

function Others({ have, alone }: { have: Known; alone: boolean }) {
  const { rota } = have;
  const others = othersNow(rota, me.value?.user_id ?? '', rotaNow.value);
  const dutyWords = (duty: Duty): string =>
    t('rota_other_until', { level: levelName(duty.level), time: untilWords(duty, have, rotaNow.value) });
  return (
    <section class="stack" aria-labelledby="rota-others">
      <h2 id="rota-others">{t('rota_others')}</h2>
      {others.length === 0 && <p class="soft">{t(alone ? 'rota_others_alone' : 'rota_others_nobody')}</p>}
      <ul class="rota-list">
        {[...new Set(others.map(({ user_id }) => user_id))].map((user_id) => {
          const duties = others.filter((duty) => duty.user_id === user_id);
          const name = nameOf(rota, user_id);
          const number = rota.people.find(({ id }) => id === user_id)?.callback;
          return (
            <li key={user_id} class="card rota-person">
              <span>
                <strong>{name}</strong>
                {duties.map((duty) => (
                  <span key={duty.level} class="soft rota-line">
                    {dutyWords(duty)}
                  </span>
                ))}
              </span>
              {number ? <CallButton number={number} name={name} /> : <span class="soft">{t('rota_no_number')}</span>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Coming({ coming, have }: { coming: Duty[]; have: Known }) {
  return (
    <section class="stack" aria-labelledby="rota-coming">
      <h2 id="rota-coming">{t('rota_coming')}</h2>
      {coming.length === 0 && <p class="soft">{t('rota_coming_none')}</p>}
      <ul class="rota-list">
        {coming.map((shift) => (
          <li key={`${shift.level} ${shift.from_ms}`} class="card">
            <h3 class="card-title">{shiftWords(shift, have, rotaNow.value)}</h3>
            <p class="soft">{[levelName(shift.level), shift.to_ms < have.until_ms && lengthWords(shift)].filter(Boolean).join(' · ')}</p>
            {isFresh.value && (
              <div class="actions">
                <LinkButton to={pathTo('cover', shift)}>{t('rota_cover_shift')}</LinkButton>
                <LinkButton to={pathTo('swap', shift)}>{t('rota_swap')}</LinkButton>
              </div>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Arranged({ have: { rota } }: { have: Known }) {
  const reader = me.value?.user_id ?? '';
  const { arranged } = sortRequests(rota.changes, reader, rotaNow.value);
  if (arranged.length === 0) return null;
  return (
    <section class="stack" aria-labelledby="rota-arranged">
      <h2 id="rota-arranged">{t('rota_arranged')}</h2>
      <ul class="rota-list">
        {arranged.map((request) => (
          <li key={request.id}>{arrangedWords(request, rota, reader, rotaNow.value)}</li>
        ))}
      </ul>
    </section>
  );
}

/** `home`: where Back leads. */
export function Mine({ home }: { home: string }) {
  const have = useRota();
  const { running, coming } = have ? shiftsOf(have.rota, me.value?.user_id ?? '', rotaNow.value) : { running: [], coming: [] };
  const main = isFresh.value ? running[0] : undefined;
  return (
    <Screen
      title={t('rota_mine')}
      back={() => go(home)}
      main={main && <LinkButton kind="act" to={pathTo('cover', main)}>{t('rota_cover')}</LinkButton>}
    >
      <Freshness />
      {have && (
        <>
          <Requests have={have} />
          <Now running={running} coming={coming} have={have} />
          <Others have={have} alone={running.length > 0} />
          <Coming coming={coming.filter(({ from_ms }) => from_ms < rotaNow.value + SHOWN_MS)} have={have} />
          <Arranged have={have} />
          <ZoneLine rota={have.rota} />
        </>
      )}
      <LinkButton to="/rota/all">{t('rota_everybody')}</LinkButton>
    </Screen>
  );
}
