/** Where two people wrote different things, one card a field: what it was, what each wrote, and one tap to choose. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, ErrorSummary, Field, TextArea, WhenDone } from '../parts/index.ts';
import { clean } from '../coordinator/text.ts';
import { useSubmit, type Submitting } from '../coordinator/use_submit.ts';
import { nameOf } from '../coordinator/names.ts';
import { fieldName, valueInWords } from '../coordinator/wording.ts';
import { all as everyChoice, chosenIn, remember } from './chosen.ts';
import { disagreements, ownDisagreements, type Disagreement, type Side } from './disagreements.ts';
import { GaveWay } from './gave_way.tsx';
import { bothOf, choice, waysOf } from './settling.ts';

interface About {
  record: ReferralRecord;
  about: Disagreement;
}

/** "Maya Example, Coordinator". */
export function personInWords(user_id: string): string {
  const role = people.value[user_id]?.role;
  const words = role === undefined || role === 'evaluator' ? '' : t(`role_${role}`);
  return [nameOf(user_id), words].filter(Boolean).join(', ');
}

function labelOf({ by, stands }: Side): string {
  const mine = by === me.value?.user_id;
  if (mine) return t(stands ? 'conflicts_yours_record' : 'conflicts_yours');
  return `${t(stands ? 'conflicts_record' : 'conflicts_theirs')} · ${personInWords(by)}`;
}

function Who({ side }: { side: Side }) {
  return (
    <p class="soft">
      {`${labelOf(side)} · `}
      <WhenDone of={side.times} />
    </p>
  );
}

type Choose = (value: Side['value'], said_at: string) => void;

function Sides({ about: { key, sides }, choose, busy }: { about: Disagreement; choose: Choose | null; busy: boolean }) {
  return sides.map((side) => {
    const value = valueInWords(key, side.value);
    return (
      <div key={side.op} class="conflict-side">
        {choose === null ? (
          <p class="conflict-value">{value}</p>
        ) : (
          <Button busy={busy} onClick={() => choose(side.value, side.times.at)}>
            {t(side.stands ? 'conflicts_keep' : 'conflicts_use', { value })}
          </Button>
        )}
        <Who side={side} />
      </div>
    );
  });
}

/** Both values: lists at once, texts as one that can be mended first. */
function Both({ about, choose, busy }: { about: Disagreement; choose: Choose; busy: boolean }) {
  const both = bothOf(about);
  const [text, setText] = useState<string | null>(null);
  const [missing, setMissing] = useState(false);
  if (both === undefined) return null;
  const said_at = new Date(now.peek()).toISOString();
  if ('list' in both) {
    return (
      <Button busy={busy} onClick={() => choose(both.list, said_at)}>
        {t('conflicts_both', { value: valueInWords(about.key, both.list) })}
      </Button>
    );
  }
  if (text === null) return <Button onClick={() => setText(both.text)}>{t('conflicts_both_text')}</Button>;
  const id = `both-${about.key}`;
  const save = (): void => {
    const cleaned = clean(text);
    setMissing(cleaned === '');
    if (cleaned !== '') choose(cleaned, said_at);
  };
  const error = missing ? t('conflicts_both_empty') : undefined;
  return (
    <>
      <ErrorSummary errors={error ? [{ field: id, text: error }] : []} />
      <Field label={t('conflicts_both_text')} id={id} error={error}>
        <TextArea rows={2} value={text} maxLength={both.limit} onInput={setText} />
      </Field>
      <Button busy={busy} onClick={save}>
        {t('conflicts_both_save')}
      </Button>
    </>
  );
}

function Was({ about }: { about: Disagreement }) {
  return about.was === undefined ? null : <p>{t('conflicts_was', { value: valueInWords(about.key, about.was) })}</p>;
}

function useChoice({ record, about }: About, done: () => void): Submitting & { choose: Choose } {
  const submitting = useSubmit(record.id);
  const choose: Choose = (value, said_at) => {
    const act = choice(record, about, value, said_at, now.peek());
    void submitting.send([act], { shown: record }).then((saved) => {
      if (!saved) return;
      remember(record.id, about);
      announce(t('conflicts_chose', { value: valueInWords(about.key, value) }));
      done();
    });
  };
  return { ...submitting, choose };
}

function Question({ record, about, done = () => undefined }: About & { done?: () => void }) {
  const { busy, failed, choose } = useChoice({ record, about }, done);
  const way = me.value === null ? null : waysOf(about.key, me.value.role);
  const standing = about.sides[0]!;
  return (
    <section class="conflict" aria-label={fieldName(about.key)}>
      <h3>{fieldName(about.key)}</h3>
      <Was about={about} />
      <Sides about={about} choose={way === 'choose' ? choose : null} busy={busy} />
      {way === 'choose' && <Both about={about} choose={choose} busy={busy} />}
      {way === 'look' && <p class="soft">{t('conflicts_lead_look')}</p>}
      {way === 'decided' && (
        <>
          <p>{t('conflicts_decided', { value: valueInWords(about.key, standing.value) })}</p>
          <Button busy={busy} onClick={() => choose(standing.value, standing.times.at)}>
            {t('conflicts_understood')}
          </Button>
        </>
      )}
      {failed && (
        <p class="state bad" role="alert">
          {t('co_failed')}
        </p>
      )}
    </section>
  );
}

/** What was chosen a moment ago, with the way back: the same values again. */
function Chosen({ record, about }: About) {
  const [again, setAgain] = useState(false);
  const standing = record.state.registers[about.key];
  if (standing === undefined) return null;
  if (again) return <Question record={record} about={restated(about, standing.op)} done={() => setAgain(false)} />;
  return (
    <section class="conflict" aria-label={fieldName(about.key)}>
      <h3>{fieldName(about.key)}</h3>
      <p class="state good">{t('conflicts_chose', { value: valueInWords(about.key, standing.value) })}</p>
      <Button kind="quiet" onClick={() => setAgain(true)}>
        {t('conflicts_again')}
      </Button>
    </section>
  );
}

/** The same values to choose from; none of them is the one that stands, unless nobody has chosen since. */
const restated = (about: Disagreement, standing: string): Disagreement => ({
  ...about,
  sides: about.sides.map((side) => ({ ...side, stands: side.op === standing })),
});

export interface ConflictsProps {
  record: ReferralRecord;
  /** Only those in which this person wrote one side: an officer is not asked about what others wrote. */
  own?: boolean;
  /** Conflicts that the screen tells elsewhere. */
  except?: readonly string[] | undefined;
}

export function Conflicts({ record, own, except }: ConflictsProps) {
  const who = me.value;
  if (who === null) return null;
  const open = (own ? ownDisagreements(record, who.user_id) : disagreements(record, except)).filter(({ key }) => waysOf(key, who.role) !== null);
  const asked = new Set(open.map(({ key }) => key));
  const chosen = everyChoice.value.size === 0 ? [] : chosenIn(record.id).filter(({ key }) => !asked.has(key) && waysOf(key, who.role) === 'choose');
  return (
    <>
      <GaveWay record={record} user_id={who.user_id} chosen={chosen.map(({ key }) => key)} />
      {(open.length > 0 || chosen.length > 0) && (
        <Card title={t('conflicts_title')} tone={open.length > 0 ? 'wait' : 'good'}>
          {open.some(({ key }) => waysOf(key, who.role) === 'choose') && <p class="soft">{t('conflicts_lead')}</p>}
          {open.map((about) => (
            <Question key={`${about.key}|${about.sides.length}`} record={record} about={about} />
          ))}
          {chosen.map((about) => (
            <Chosen key={about.key} record={record} about={about} />
          ))}
        </Card>
      )}
    </>
  );
}
