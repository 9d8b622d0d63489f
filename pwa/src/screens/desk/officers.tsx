/** The sergeant's list: how far the referrals of one's own officers are, in status words and nothing else. */
import { useComputed } from '@preact/signals';
import { minute } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { records } from '../../state/records.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { LinkButton, Screen, When } from '../parts/index.ts';
import { Unread } from '../parts/unread.tsx';
import { pathwayOf } from '../coordinator/reading.ts';
import { minutesBetween } from '../coordinator/times.ts';
import { Approvals } from './approvals.tsx';
import { byOfficer, type Officer, type Scene } from './officers.ts';
import { RightNow } from './wrong.tsx';
import { age, nameOf, numberWords, word } from './words.ts';

const TONES: Record<Scene['word'], string> = {
  begun: 'plain', waiting: 'wait', left: 'plain', seen: 'good', not_met: 'plain', deferred: 'plain', handed_over: 'good', closed: 'plain',
};

/** The minutes run by themselves, and are read aloud by nobody. */
function StillWaiting({ since_ms }: { since_ms: number }) {
  const words = useComputed(() => t('desk_waiting_for', { age: age(Math.max(0, minutesBetween(since_ms, minute.value))) }));
  return (
    <span class="state wait" role="timer" aria-live="off">
      {words}
    </span>
  );
}

function SceneLine({ scene: { record, word: status, since_ms } }: { scene: Scene<ReferralRecord> }) {
  const pathway = pathwayOf(record);
  return (
    <li class="scene">
      {status === 'waiting' ? <StillWaiting since_ms={since_ms} /> : <span class={`state ${TONES[status]}`}>{t(`desk_word_${status}`)}</span>}
      <span class="soft">
        {numberWords(record)}
        {pathway && ` · ${word('pathway', pathway)}`} · <When at={since_ms} />
      </span>
    </li>
  );
}

function OfficerCard({ officer: { user_id, scenes, waiting } }: { officer: Officer<ReferralRecord> }) {
  return (
    <section class={waiting > 0 ? 'card wait' : 'card'} aria-labelledby={`officer-${user_id}`}>
      <h2 id={`officer-${user_id}`} class="card-title">
        {nameOf(user_id)}
      </h2>
      <ul class="scenes">
        {scenes.map((scene) => (
          <SceneLine key={scene.record.id} scene={scene} />
        ))}
      </ul>
    </section>
  );
}

export function Officers() {
  const officers = byOfficer(records.value, me.value?.agency_id ?? null);
  const stuck = officers.filter(({ waiting }) => waiting > 0).length;
  return (
    <Screen title={t('desk_officers')} wide>
      <RightNow none="desk_wrong_none_officers" />
      <Approvals />
      <p class="soft">{t('desk_status_only')}</p>
      <Unread />
      {officers.length === 0 ? (
        <p>{t('desk_officers_empty')}</p>
      ) : (
        <p class={`state ${stuck > 0 ? 'wait' : 'good'}`} role="status">
          {stuck > 0 ? tn('desk_on_scene', stuck) : t('desk_on_scene_none')}
        </p>
      )}
      <div class="officers">
        {officers.map((officer) => (
          <OfficerCard key={officer.user_id} officer={officer} />
        ))}
      </div>
      <LinkButton to="/rules">{t('desk_rules')}</LinkButton>
    </Screen>
  );
}
