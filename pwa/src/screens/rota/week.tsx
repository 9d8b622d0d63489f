/** Everybody's shifts in words: what is missing on top, then two weeks by day, and for supervisors the ways to mend it. */
import { t, tn } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Button, Card, LinkButton, Screen } from '../parts/index.ts';
import { isFresh, rotaNow, useRota, type Known } from './known.ts';
import { Freshness, Refused, Requests, useAct, ZoneLine } from './parts.tsx';
import { LEVELS, settle, type Level, type Rota } from './server.ts';
import { byDay, dutiesOf, gapsOf, isPlanned, overlapsOf, requestsOf, type Day, type Duty, type Gap, type Piece } from './spans.ts';
import { arrangedWords, dayWords, gapWords, levelName, pieceWords, stretch } from './words.ts';

const DAYS_SHOWN = 14;
const DAY_MS = 24 * 3_600_000;

const supervises = (): boolean => me.value?.role === 'supervisor';

function GapLine({ gap, zone }: { gap: Gap; zone: string }) {
  const words = t(`rota_gap_${gap.level}`, { when: gapWords(gap, zone, rotaNow.value) });
  return (
    <li class="rota-gap">
      <p class="state bad">{words}</p>
      {supervises() && isFresh.value && (
        <LinkButton to={`/rota/put/${gap.level}/${gap.from_ms}/${gap.to_ms}`}>
          {t('rota_put_there')}
          <span class="hidden">: {words}</span>
        </LinkButton>
      )}
    </li>
  );
}

/** Those who are planned and cannot come, each once, and those who cannot be called. */
function peopleLines(rota: Rota, duties: readonly Duty[]): string[] {
  const absent = new Set(duties.filter((duty) => duty.absent).map(({ name }) => name));
  const planned = new Set(duties.map(({ user_id }) => user_id));
  const unreachable = rota.people.filter(({ id, reachable }) => !reachable && planned.has(id)).map(({ name }) => name);
  return [
    ...[...absent].map((name) => t('rota_absent_line', { name })),
    ...(unreachable.length > 0 ? [t('rota_unreachable_line', { names: unreachable.join(', ') })] : []),
  ];
}

function Wrong({ rota, gaps, duties }: { rota: Rota; gaps: Gap[]; duties: readonly Duty[] }) {
  const unplanned = LEVELS.filter((level) => !isPlanned(rota, level));
  const others = unplanned.filter((level) => level !== 'on_call');
  return (
    <section class="stack" aria-label={t('rota_weeks')}>
      {unplanned.includes('on_call') && <p class="state wait">{t('rota_unplanned_on_call')}</p>}
      {gaps.length === 0 && !unplanned.includes('on_call') && <p class="state good">{t('rota_gaps_none')}</p>}
      {gaps.length > 0 && (
        <ul class="rota-list">
          {gaps.map((gap) => (
            <GapLine key={`${gap.level} ${gap.from_ms}`} gap={gap} zone={rota.zone} />
          ))}
        </ul>
      )}
      {peopleLines(rota, duties).map((line) => (
        <p key={line} class="state wait">
          {line}
        </p>
      ))}
      {others.length > 0 && <p class="soft">{t('rota_unplanned', { levels: others.map(levelName).join(', ') })}</p>}
    </section>
  );
}

const WHYS: { [why in Duty['why']]?: 'rota_why_add' | 'rota_why_instead' | 'rota_why_only' | 'rota_why_swap' } = {
  add: 'rota_why_add', instead: 'rota_why_instead', only: 'rota_why_only', swap: 'rota_why_swap',
};

function PieceLine({ piece, day, zone }: { piece: Piece; day: Day; zone: string }) {
  const { duty } = piece;
  const when = pieceWords(piece, day, zone);
  if (duty === null) {
    return (
      <span class="state bad">
        {t('rota_nobody')} {when}
      </span>
    );
  }
  const why = WHYS[duty.why];
  return (
    <span class={duty.absent ? 'state bad' : 'rota-line'}>
      <span>
        <strong>{duty.name}</strong> {when}
        {why && <span class="soft"> ({t(why)})</span>}
        {duty.absent && ` · ${t('rota_absent')}`}
      </span>
    </span>
  );
}

interface DaysProps {
  zone: string;
  levels: readonly Level[];
  duties: readonly Duty[];
  gaps: readonly Gap[];
  asked_ms: number;
  from_ms: number;
  days: number;
}

/** A list by day; at a desk each level has a column. */
export function Days({ zone, levels, duties, gaps, asked_ms, from_ms, days }: DaysProps) {
  const byLevel = levels.map((level) => ({
    level,
    days: byDay(duties.filter((duty) => duty.level === level), gaps.filter((gap) => gap.level === level), zone, asked_ms, from_ms, days),
  }));
  return (
    <ol class="rota-list rota-days">
      {byLevel[0]?.days.map(({ day, from_ms: begins }, i) => (
        <li key={day} class="rota-day">
          <h3>{dayWords(begins, zone)}</h3>
          <dl class={levels.length === 1 ? 'one' : undefined}>
            {byLevel.map(({ level, days: own }) => (
              <div key={level}>
                <dt class={levels.length === 1 ? 'hidden' : undefined}>{levelName(level)}</dt>
                <dd>
                  {own[i]!.pieces.map((piece) => (
                    <PieceLine key={`${piece.duty?.user_id} ${piece.from_ms}`} piece={piece} day={own[i]!} zone={zone} />
                  ))}
                  {own[i]!.pieces.length === 0 && <span class="soft">–</span>}
                </dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}

function Overlaps({ rota, until_ms }: { rota: Rota; until_ms: number }) {
  const found = overlapsOf(rota, rotaNow.value, until_ms);
  if (found.length === 0) return null;
  return (
    <details>
      <summary>{tn('rota_overlaps', found.length)}</summary>
      <ul class="rota-list">
        {found.map((overlap) => (
          <li key={`${overlap.level} ${overlap.from_ms}`}>
            {t('rota_overlap', { level: levelName(overlap.level), when: stretch(overlap, rota.zone), names: overlap.names.join(', ') })}
          </li>
        ))}
      </ul>
    </details>
  );
}

/** What stands on top of the plan, to be taken back. */
function Changed({ rota }: { rota: Rota }) {
  const { busy, refused, act } = useAct();
  const reader = me.value?.user_id ?? '';
  const found = requestsOf(rota.changes).filter(({ change }) => change.state === 'accepted');
  if (found.length === 0) return null;
  const takeBack = (id: string): void => {
    void act(async () => {
      await settle(id, 'withdraw');
      return t('rota_taken_back');
    });
  };
  return (
    <details>
      <summary>{t('rota_changes')}</summary>
      <Refused why={refused} />
      <ul class="rota-list">
        {found.map((request) => {
          const words = arrangedWords(request, rota, reader, rotaNow.value);
          return (
            <li key={request.id} class="rota-gap">
              <p>{words}</p>
              <Button label={`${t('rota_take_back')}: ${words}`} busy={busy} disabled={!isFresh.value} onClick={() => takeBack(request.id)}>
                {t('rota_take_back')}
              </Button>
            </li>
          );
        })}
      </ul>
    </details>
  );
}

function Plans() {
  return (
    <Card title={t('rota_plan')}>
      <div class="actions">
        <LinkButton to="/rota/put">{t('rota_except')}</LinkButton>
        {LEVELS.map((level) => (
          <LinkButton key={level} to={`/rota/plan/${level}`}>
            {t('rota_plan_of', { level: levelName(level) })}
          </LinkButton>
        ))}
      </div>
    </Card>
  );
}

function Weeks({ have: { rota, from_ms } }: { have: Known }) {
  const until_ms = rotaNow.value + DAYS_SHOWN * DAY_MS;
  const duties = dutiesOf(rota);
  const gaps = gapsOf(rota, rotaNow.value, until_ms);
  const levels = LEVELS.filter((level) => level === 'on_call' || isPlanned(rota, level));
  return (
    <>
      <Wrong rota={rota} gaps={gaps} duties={duties.filter((duty) => duty.from_ms < until_ms)} />
      {supervises() && isFresh.value && <Plans />}
      <h2>{t('rota_weeks')}</h2>
      <Days zone={rota.zone} levels={levels} duties={duties} gaps={gaps} asked_ms={from_ms} from_ms={rotaNow.value} days={DAYS_SHOWN} />
      <Overlaps rota={rota} until_ms={until_ms} />
      {supervises() && <Changed rota={rota} />}
      <ZoneLine rota={rota} />
    </>
  );
}

/** `home`: where Back leads. */
export function Week({ home }: { home: string }) {
  const have = useRota();
  return (
    <Screen title={t('rota_title')} wide back={() => go(home)}>
      <Freshness />
      {have && <Requests have={have} />}
      {have && <Weeks have={have} />}
      <LinkButton to="/rota/mine">{t('rota_mine')}</LinkButton>
    </Screen>
  );
}
