/** What will be erased and when, by the program's own days, and what is kept for the law in spite of it. */
import { now } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { date, exactly } from '../../state/times.ts';
import { Card, Screen } from '../parts/index.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { Places } from './places.tsx';
import { askHoldEnd, askHolds, askRetention, type HoldEntry, type RetentionPlan } from './server.ts';

async function ask(): Promise<{ plan: RetentionPlan; holds: HoldEntry[] }> {
  const [plan, holds] = await Promise.all([askRetention(), askHolds()]);
  return { plan, holds };
}

export default function Retention({ back }: { back?: (() => void) | undefined }) {
  const [asked, again] = useAsked(ask);
  return (
    <Screen title={t('adm_retention')} back={back}>
      <Places />
      <Answer asked={asked} again={again}>
        {({ plan, holds }) => (
          <>
            <Kept kept={plan.kept} />
            <Due due={plan.due} />
            <Holds holds={holds} again={again} />
          </>
        )}
      </Answer>
    </Screen>
  );
}

/** The last day of a hold: the server says the instant after it. */
export const lastDay = (until_at: string): string => date(Date.parse(until_at) - 1);

function days(count: number | null | undefined): string {
  return count === null || count === undefined ? t('adm_kept_always') : tn('adm_days', count);
}

function Kept({ kept }: { kept: RetentionPlan['kept'] }) {
  return (
    <Card title={t('adm_kept')}>
      <dl class="facts">
        <dt>{t('adm_kept_never_accepted')}</dt>
        <dd>{days(kept.declined_or_ineligible_days)}</dd>
        <dt>{t('adm_kept_closed')}</dt>
        <dd>{days(kept.closed_days)}</dd>
      </dl>
    </Card>
  );
}

function Due({ due }: { due: RetentionPlan['due'] }) {
  return (
    <section class="stack" aria-labelledby="due">
      <h2 id="due">{t('adm_due')}</h2>
      {due.length === 0 && <p class="soft">{t('adm_due_none')}</p>}
      <ul class="history">
        {due.map(({ number, at, held }) => (
          <li key={number}>
            <strong>{t('desk_number', { number })}</strong> · {t(held ? 'adm_due_held' : 'adm_due_at', { time: exactly(at, now.value) })}
          </li>
        ))}
      </ul>
    </section>
  );
}

const TONES = { asked: 'wait', stands: 'good', over: 'plain' } as const;

function Holds({ holds, again }: { holds: readonly HoldEntry[]; again: () => void }) {
  return (
    <section class="stack" aria-labelledby="holds">
      <h2 id="holds">{t('adm_holds')}</h2>
      {holds.length === 0 && <p class="soft">{t('adm_holds_none')}</p>}
      {holds.map((hold) => (
        <Hold key={hold.id} hold={hold} again={again} />
      ))}
    </section>
  );
}

function Hold({ hold, again }: { hold: HoldEntry; again: () => void }) {
  const { id, number, reason, state, asked_by_name, approved_by_name, until_at } = hold;
  const { busy, outcome, run } = useDeed();
  const title = t('desk_number', { number });
  const end = (): void =>
    void run(async () => {
      await askHoldEnd(id);
      again();
      return t('adm_asked_now');
    });
  return (
    <Card title={title}>
      <p class={`state ${TONES[state]}`}>{t(`adm_hold_${state}`)}</p>
      <p>{t('adm_reason', { reason: t(`adm_why_${reason}`) })}</p>
      <p class="soft">
        {approved_by_name
          ? t('adm_hold_by_two', { name: asked_by_name, other: approved_by_name })
          : t('adm_asked_by', { name: asked_by_name })}
      </p>
      <p class="soft">{t('adm_hold_until', { day: lastDay(until_at) })}</p>
      {state === 'stands' && (
        <Sure
          ask={t('adm_hold_end')} label={`${t('adm_hold_end')}: ${title}`} lead={t('adm_hold_end_sure')} yes={t('adm_ask_yes')} busy={busy}
          act={end}
        />
      )}
      <Came of={outcome} />
    </Card>
  );
}
