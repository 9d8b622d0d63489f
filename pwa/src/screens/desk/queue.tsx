/** The supervisor's queue: what is wrong right now, the referrals nobody has answered first, and one referral beside them. */
import { useEffect, useRef } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { people, record as recordOf, records } from '../../state/records.ts';
import { shortReference } from '../../state/reference.ts';
import { go } from '../../state/router.ts';
import { program } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { LinkButton, Screen, WhenDone } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Unread } from '../parts/unread.tsx';
import { isWorkedOnElsewhere, linksAmong } from '../coordinator/merging.ts';
import { agencyOf, officerOf, pathwayOf } from '../coordinator/reading.ts';
import { differenceOf } from '../coordinator/said.ts';
import { arrivalTimes, lateArrival } from '../coordinator/times.ts';
import { Approvals } from './approvals.tsx';
import { Detail } from './detail.tsx';
import { EVERYTHING_OPEN, Filters, filter } from './filters.tsx';
import { countDiffering, countUnanswered, limitsOf, queue, step, type Row } from './queue.ts';
import { RightNow } from './wrong.tsx';
import { age, lateWords, nameOf, numberWords, standingWords, word } from './words.ts';

const administration = lazily(() => import('../administration/index.tsx'));
const rotaLine = lazily(() => import('../rota/line.tsx'), 'rota');

/** As in desk.css. */
const ONE_COLUMN = '(max-width: 55.99rem)';

function Age({ row }: { row: Row<ReferralRecord> }) {
  const { minutes, bar_minutes, standing } = row;
  if (minutes === 0 && standing !== 'nobody' && standing !== 'given') return null;
  return (
    <span class="age">
      <span>{lateWords(row)}</span>
      <meter
        min={0}
        max={bar_minutes}
        value={Math.min(minutes, bar_minutes)}
        aria-label={t('desk_bar', { age: age(minutes), limit: bar_minutes })}
      />
    </span>
  );
}

function Travel({ record }: { record: ReferralRecord }) {
  const travel = lateArrival(record);
  const captured = t('desk_captured', { time: exactly(record.made_at, now.value) });
  if (record.received_at === null) return <span>{`${captured} · ${t('desk_not_arrived')}`}</span>;
  const times = arrivalTimes(record);
  if (times?.off_ms !== undefined) return <span><WhenDone of={times} /></span>;
  const arrived = t('desk_arrived', { time: exactly(record.received_at, now.value) });
  const long = travel ? ` · ${t('desk_travelled', { age: age(travel.minutes) })}` : '';
  return <span>{`${captured} · ${arrived}${long}`}</span>;
}

/** The agency that captured it and, where the officer gave one, the place. */
function Origin({ record }: { record: ReferralRecord }) {
  const agency = program.value?.agencies.find(({ id }) => id === agencyOf(record))?.name;
  const pathway = pathwayOf(record);
  const place = record.state.registers['place']?.value;
  return <span>{[pathway && word('pathway', pathway), agency, place].filter(Boolean).join(' · ')}</span>;
}

function QueueRow({ row, chosen }: { row: Row<ReferralRecord>; chosen: boolean }) {
  const { record, standing, arrives_ms } = row;
  const waits = standing === 'nobody' || standing === 'given';
  const said = standing === 'held' ? 'desk_arriving' : standing === 'held_late' ? 'desk_had_said' : null;
  return (
    <li>
      <a class={waits ? 'card wait row-link' : 'card row-link'} href={`#/referral/${record.id}`} aria-current={chosen ? 'true' : undefined}>
        <span class="row-top">
          <span>
            <strong>{numberWords(record)}</strong> <span class="soft">{t('staff_reference', { code: shortReference(record.id) })}</span>
          </span>
          <Age row={row} />
        </span>
        <span class={`state ${waits ? 'wait' : 'plain'}`}>
          {standingWords(row)}
          {said && arrives_ms !== undefined && ` · ${t(said, { time: exactly(arrives_ms, now.value) })}`}
        </span>
        {differenceOf(record) && <span class="state wait">{t('desk_differs')}</span>}
        <span class="soft row-lines">
          <span>{t('desk_officer', { name: nameOf(officerOf(record)) })}</span>
          <Origin record={record} />
          <Travel record={record} />
        </span>
      </a>
    </li>
  );
}

/** Moves between the links of the list, which Tab reaches as well. Enter opens, as for any link. */
function moveFocus(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const list = event.currentTarget as HTMLElement;
  const links = [...list.querySelectorAll<HTMLAnchorElement>('a.row-link')];
  const next = step(event.key, links.indexOf(document.activeElement as HTMLAnchorElement), links.length);
  if (next === undefined) return;
  event.preventDefault();
  links[next]?.focus();
}

function List({ chosen }: { chosen: string | undefined }) {
  const limits = limitsOf(program.value);
  const links = linksAmong(records.value);
  const worked = records.value.filter((each) => !isWorkedOnElsewhere(each, links));
  const rows = queue(worked, filter.value, people.value, limits, now.value);
  const all = queue(records.value, EVERYTHING_OPEN, people.value, limits, now.value);
  const unanswered = countUnanswered(all);
  const differing = countDiffering(all);
  const filtered = filter.value.show !== 'open' || filter.value.holder !== null || filter.value.agency !== null;
  return (
    <section class="queue-list" aria-labelledby="queue-count">
      <p id="queue-count" class={`state ${unanswered > 0 ? 'wait' : 'good'}`} role="status">
        {unanswered > 0 ? tn('desk_unanswered', unanswered) : t('desk_unanswered_none')}
      </p>
      {/* Its own live region, there before it has anything to say. */}
      <div role="status">{differing > 0 && <p class="state wait">{tn('desk_differing', differing)}</p>}</div>
      <Filters />
      <Unread />
      {rows.length === 0 && <p class="soft">{t(filtered ? 'desk_empty_filtered' : 'desk_empty')}</p>}
      {/* The keys bubble up from the links, which are what a person is on. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <ul class="queue-rows" onKeyDown={moveFocus}>
        {rows.map((row) => (
          <QueueRow key={row.record.id} row={row} chosen={row.record.id === chosen} />
        ))}
      </ul>
      <p class="hint desk-only">{t('desk_keys')}</p>
    </section>
  );
}

/** On a phone one column: the list, or the referral. At a desk both, side by side. */
export function Queue({ chosen }: { chosen: string | undefined }) {
  const found = chosen === undefined ? undefined : recordOf(chosen);
  const detail = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (chosen === undefined) return;
    detail.current?.focus({ preventScroll: true });
    // In one column the referral takes the place of the list; beside it the list stays where it was.
    if (matchMedia(ONE_COLUMN).matches) globalThis.scrollTo(0, 0);
  }, [chosen]);
  return (
    <Screen title={t('desk_queue')} wide back={chosen === undefined ? undefined : () => go('/')} focusTitle={chosen === undefined}>
      <div class={chosen === undefined ? 'desk' : 'desk one-chosen'}>
        <div class="desk-left">
          <RightNow none="desk_wrong_none" />
          <Lazy inside load={rotaLine} props={{ desk: true }} />
          <Approvals quiet />
          <List chosen={chosen} />
          <Lazy inside load={administration} props={{ what: 'places' }} />
          <LinkButton to="/rules">{t('desk_rules')}</LinkButton>
        </div>
        <div class="desk-right" tabIndex={-1} ref={detail}>
          {chosen === undefined && <p class="soft">{t('desk_choose')}</p>}
          {chosen !== undefined && found === undefined && <p>{t('desk_gone')}</p>}
          {found && <Detail key={found.id} record={found} />}
        </div>
      </div>
    </Screen>
  );
}
