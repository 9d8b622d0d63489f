/** Where two people wrote different things, and what has happened so far. */
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { me } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, When } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { disagreements, type Disagreement } from './conflicts.ts';
import { gotThereFirst, samePromiseNow } from './inbox.ts';
import { nameOf } from './names.ts';
import { timeline, type Line } from './timeline.ts';
import { useSubmit } from './use_submit.ts';
import { fieldName, valueInWords, word } from './wording.ts';

function Choose({ record, about }: { record: ReferralRecord; about: Disagreement }) {
  const { busy, failed, send } = useSubmit(record.id);
  const { key, conflicts, sides } = about;
  const choose = (written: unknown, at: string): void => {
    const value = key === 'holder' ? samePromiseNow(written, at, now.peek()) : written;
    const saw = sides.map(({ op }) => op).slice(0, 64);
    void send([{ kind: 'conflict.resolve', payload: { key, value: value ?? null, conflicts: conflicts.slice(0, 64) }, saw }]);
  };
  return (
    <div class="form">
      <h3>{fieldName(key)}</h3>
      {sides.map(({ op, value, by, at, stands }) => (
        <div key={op} class="side">
          <p class="soft">
            {t('co_conflict_by', { name: nameOf(by), when: exactly(at, now.value) })}
            {stands && ` · ${t('co_conflict_stands')}`}
          </p>
          <Button busy={busy} onClick={() => choose(value, at)}>
            {t('co_conflict_use', { value: valueInWords(key, value) })}
          </Button>
        </div>
      ))}
      <Failed when={failed} />
    </div>
  );
}

export function Conflicts({ record }: { record: ReferralRecord }) {
  const told_above = me.value === null ? undefined : gotThereFirst(record, me.value.user_id)?.conflicts;
  const found = disagreements(record, told_above);
  if (found.length === 0) return null;
  return (
    <Card title={t('co_conflicts')} tone="wait">
      <p class="soft">{t('co_conflict_lead')}</p>
      {found.map((about) => (
        <Choose key={about.key} record={record} about={about} />
      ))}
    </Card>
  );
}

const CODES = { contact: 'result', handoff: 'handoff', decision: 'decision', closed: 'close' } as const;

function sentence(line: Line): string {
  switch (line.what) {
    case 'arrived':
    case 'paged':
      return t(`co_line_${line.what}`);
    case 'held':
    case 'given':
      return t(`co_line_${line.what}`, { name: nameOf(line.who) });
    case 'confirmed':
      return t('co_line_confirmed', { name: nameOf(line.by), answer: word('confirmed', line.code) });
    case 'contact':
      return t('co_line_contact', { name: nameOf(line.by), result: word(CODES.contact, line.code) });
    case 'handoff':
    case 'decision':
      return t(`co_line_${line.what}`, { name: nameOf(line.by), outcome: word(CODES[line.what], line.code) });
    case 'closed':
      return t('co_line_closed', { name: nameOf(line.by), reason: word(CODES.closed, line.code) });
    default:
      return t(`co_line_${line.what}`, { name: nameOf(line.by) });
  }
}

export function Timeline({ record }: { record: ReferralRecord }) {
  return (
    <Card title={t('co_timeline')}>
      <ol class="timeline">
        {timeline(record, people.value).map((line) => (
          <li key={line.key}>
            <span>{sentence(line)}</span>{' '}
            <span class="soft">
              <When at={line.at} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
