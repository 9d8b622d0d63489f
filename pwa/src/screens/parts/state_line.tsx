/** The state of a record: one line, always the same words, a shape beside them, never colour alone. */
import { now } from '../../state/clock.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { people, value } from '../../state/records.ts';
import { exactly, timeOfDay } from '../../state/times.ts';
import type { ReferralRecord, Word } from '../../state/types.ts';

const TONES: Record<Word, 'plain' | 'wait' | 'good' | 'bad'> = {
  draft: 'plain',
  saved: 'wait',
  sending: 'wait',
  received: 'wait',
  seen: 'good',
  nobody: 'bad',
  attention: 'bad',
  not_sent: 'bad',
};

const WHYS: Record<string, MessageKey> = {
  held: 'why_held',
  rejected: 'why_rejected',
  unreadable: 'why_unreadable',
};

const MINUTE_MS = 60_000;
const LATE_MS = 60 * MINUTE_MS;

type Holder = { user_id: string; eta_minutes: number | null } | null;

function seen(record: ReferralRecord): string {
  const holder = value<Holder>(record, 'holder');
  const who = record.page?.acknowledged_by ?? holder?.user_id;
  const name = who ? people.value[who]?.name : undefined;
  if (!name) return t('word_seen_someone');
  const since = record.state.registers['holder']?.at;
  const eta = holder?.eta_minutes != null && since ? Date.parse(since) + holder.eta_minutes * MINUTE_MS : null;
  const arriving = record.page?.eta_at ? Date.parse(record.page.eta_at) : eta;
  // Once they have met, or should have long ago, nobody is arriving any more.
  const due = arriving !== null && value(record, 'status') === 'acknowledged' && now.value - arriving < LATE_MS;
  return due ? t('word_seen_arriving', { name, time: timeOfDay(arriving) }) : t('word_seen', { name });
}

/** The sentence alone, for a card's label or a copy for the report. */
export function stateSentence(record: ReferralRecord): string {
  switch (record.word) {
    case 'received': {
      const { number, received_at } = record;
      const time = exactly(received_at ?? record.made_at, now.value);
      if (number === null) return t('word_received_plain', { time });
      return received_at === null ? t('word_received_number', { number }) : t('word_received', { number, time });
    }
    case 'seen':
      return seen(record);
    case 'attention':
      return t('word_attention', { why: t(WHYS[record.attention?.reason ?? ''] ?? 'why_held') });
    default:
      return t(`word_${record.word}`);
  }
}

export function StateLine({ record }: { record: ReferralRecord }) {
  return <p class={`state ${TONES[record.word]}`}>{stateSentence(record)}</p>;
}

/** The same line for a draft, which has no record yet. */
export function DraftLine() {
  return <p class="state plain">{t('word_draft')}</p>;
}
