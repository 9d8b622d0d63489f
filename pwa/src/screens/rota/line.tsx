/** One's own duty in one line above the inbox or the queue, and the way to the rota: on call until when, or when next. */
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { useAnnouncedRequests } from './heard.ts';
import { isFresh, rotaNow, useRota, type Known } from './known.ts';
import { LEVELS } from './server.ts';
import { gapsOf, isPlanned, shiftsOf, sortRequests } from './spans.ts';
import { gapWords, moment, runningWords } from './words.ts';
import './rota.css';

const WARNED_MS = 24 * 3_600_000;

function ownWords(have: Known): string {
  const now = rotaNow.value;
  const { running, coming } = shiftsOf(have.rota, me.value?.user_id ?? '', now);
  if (running[0]) return runningWords(running[0], have, now);
  return coming[0] ? t('rota_next', { time: moment(coming[0].from_ms, have.rota.zone, now) }) : t('rota_not_now');
}

/** Who has no duty to tell of, as most supervisors, is told of the next gap instead. */
function soonGap({ rota }: Known): string | null {
  const gap = gapsOf(rota, rotaNow.value, rotaNow.value + WARNED_MS)[0];
  return gap ? t(`rota_gap_${gap.level}`, { when: gapWords(gap, rota.zone, rotaNow.value) }) : null;
}

export default function RotaLine({ desk }: { desk: boolean }) {
  const have = useRota();
  const planned = have !== null && LEVELS.some((level) => isPlanned(have.rota, level));
  const asked = have ? sortRequests(have.rota.changes, me.value?.user_id ?? '', rotaNow.value).asked.length : 0;
  useAnnouncedRequests(asked);
  const gap = have && desk ? soonGap(have) : null;
  return (
    <p class="rota-head">
      <a class="button" href={desk ? '#/rota' : '#/rota/mine'}>
        {have && planned && !desk ? ownWords(have) : t('rota_title')}
        {have && planned && !desk && !isFresh.value && ` (${t('rota_last_known')})`}
      </a>
      {asked > 0 && <span class="state wait">{t('rota_requests_wait')}</span>}
      {gap && <span class="state wait">{gap}</span>}
    </p>
  );
}
