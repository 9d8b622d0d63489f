/** Where two people wrote different things, and what has happened so far. */
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { chosenIn } from '../conflicts/chosen.ts';
import { Card, WhenDone } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { gotThereFirst } from './inbox.ts';
import { nameOf } from './names.ts';
import { timeline, type Line } from './timeline.ts';
import { word } from './wording.ts';

const conflicts = lazily(() => import('../conflicts/index.tsx'), 'conflicts');

/** What this person's own card about the holder tells is not asked a second time. */
export function Conflicts({ record }: { record: ReferralRecord }) {
  if (Object.keys(record.state.conflicts).length === 0 && (record.gave_way ?? []).length === 0 && chosenIn(record.id).length === 0) return null;
  const except = me.value === null ? undefined : gotThereFirst(record, me.value.user_id)?.conflicts;
  return <Lazy inside load={conflicts} props={{ what: 'cards', record, except }} />;
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
              <WhenDone of={line} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
