/** What became of a referral: its one state line, who is being called, what can still be done, what has happened. */
import { useEffect, useState } from 'preact/hooks';
import { now, present } from '../../state/clock.ts';
import { submit } from '../../state/compose.ts';
import { newDraft } from '../../state/drafts.ts';
import { t } from '../../state/language.ts';
import { useOpening } from '../../state/openings.ts';
import { packInForce } from '../../state/packs.ts';
import { people, record } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { exactly } from '../../state/times.ts';
import type { Act, ReferralRecord } from '../../state/types.ts';
import { chosenIn } from '../conflicts/chosen.ts';
import { concerns } from '../conflicts/concerns.ts';
import { Button, CallButton, LinkButton, Screen, StateLine, WhenDone } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { closeActs, sent, withdrawActs } from './acts.ts';
import { sameStop, type Body, type FieldValue, type Pathway } from './body.ts';
import { useBusy } from './busy.ts';
import { endings, type Ending } from './endings.ts';
import { rememberedGrant } from './grants.ts';
import { underRules } from './flow.ts';
import { EndLine, titleOf } from './home.tsx';
import { Leave } from './leave.tsx';
import { takenOver } from './taken_over.ts';
import { moments, type Moment } from './timeline.ts';
import { waitingSince } from './waiting.ts';
import { Calling, Clock, Reach } from './waits.tsx';
import { pathOf } from './way.ts';
import { Words } from './words.tsx';

const conflicts = lazily(() => import('../conflicts/index.tsx'), 'coordinator', 'conflicts');

export function Status({ id }: { id: string }) {
  useOpening(id);
  const found = record(id);
  // What the officer waits for is drawn first: "Saved on this phone" must not wait for the rest of the screen.
  const [whole, setWhole] = useState(false);
  useEffect(() => setWhole(true), []);
  if (!found) return <Unreadable id={id} />;
  const closed = found.state.registers['status']?.value === 'closed';
  const since = waitingSince(found, me.value?.user_id);
  const taken = takenOver(found, me.value?.role);
  const main = !closed && !taken && (
    <LinkButton kind="act" to={`/referral/${id}/details`}>
      {t('officer_add_details')}
    </LinkButton>
  );
  return (
    <Screen title={titleOf(found)} back={() => go('/')} backLabel={t('officer_to_home')} main={main}>
      <StateLine record={found} />
      <EndLine record={found} />
      {(concerns(found, me.value?.user_id) || chosenIn(id).length > 0) && (
        <Lazy inside load={conflicts} props={{ what: 'cards', record: found, own: true }} />
      )}
      {since !== null && <Clock since_ms={since} />}
      <Calling spoken record={found} />
      <Reach record={found} />
      <Leave record={found} />
      {found.word === 'attention' && <LinkButton to="/attention">{t('why_and_what')}</LinkButton>}
      {taken && <p class="notice">{t('officer_taken_over')}</p>}
      {whole && <Further record={found} closed={closed} taken={taken} />}
    </Screen>
  );
}

function Further({ record: found, closed, taken }: { record: ReferralRecord; closed: boolean; taken: boolean }) {
  return (
    <>
      {!taken && <Words record={found} closed={closed} />}
      <Timeline list={moments(found)} />
      <div class="further">
        <Button onClick={() => anotherPerson(found)}>{t('officer_another')}</Button>
        <CopyForReport record={found} />
      </div>
      {!closed && <Endings record={found} />}
    </>
  );
}

/** Written while the phone could not be unlocked: it is stored and sent, but cannot be shown. */
function Unreadable({ id }: { id: string }) {
  const made = rememberedGrant(id) !== null;
  return (
    <Screen
      title={t(made ? 'word_saved' : 'officer_draft_gone')}
      main={
        <LinkButton kind="act" to={made ? `/referral/${id}/details` : '/'}>
          {t(made ? 'officer_add_details' : 'officer_to_home')}
        </LinkButton>
      }
    >
      <p>{t(made ? 'officer_write_only_sent' : 'officer_draft_gone_why')}</p>
      <CallButton />
    </Screen>
  );
}

function momentWords({ what, by }: Moment): string {
  const name = by === undefined ? undefined : people.value[by]?.name;
  return what === 'seen' && name ? t('word_seen', { name }) : t(`officer_moment_${what}`);
}

function Timeline({ list }: { list: readonly Moment[] }) {
  return (
    <section class="stack">
      <h2>{t('officer_timeline')}</h2>
      <ol class="timeline">
        {list.map((moment) => (
          <li key={moment.what + moment.at}>
            {momentWords(moment)}
            <span class="hint">
              <WhenDone of={moment} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The same stop, another person: everything but the person is copied into a new draft. */
function anotherPerson(from: ReferralRecord): void {
  const fields = Object.fromEntries(Object.entries(from.state.registers).map(([key, { value }]) => [key, value as FieldValue]));
  const origin = from.state.registers['origin']?.value as { pathway?: string } | undefined;
  const pathway: Pathway = origin?.pathway === 'social_contact' ? 'social_contact' : 'arrest_diversion';
  const body = { ...sameStop(fields, pathway, new Date(present()).toISOString()), ...underRules(pathway, packInForce.value), partner: me.value?.role === 'partner' };
  go(pathOf(newDraft<Body>(body)));
}

/** Number, times and status words for a police report. No name, of anybody. */
export function reportText(of: ReferralRecord, now_ms: number): string {
  const number = of.number === null ? t('officer_report_unnumbered') : t('officer_report', { number: of.number });
  const case_number = sent(of, 'case_number');
  const lines = moments(of).map(({ what, at }) => `${exactly(at, now_ms)} ${t(`officer_moment_${what}`)}`);
  return [number, ...(case_number === null ? [] : [t('officer_report_case', { number: String(case_number) })]), ...lines].join('\n');
}

function CopyForReport({ record: of }: { record: ReferralRecord }) {
  const [shown, setShown] = useState<{ text: string; copied: boolean } | null>(null);
  const copy = (): void => {
    const text = reportText(of, now.peek());
    // Without a secure context there is no clipboard; the text is then shown to be selected by hand.
    const written = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error('No clipboard.'));
    written.then(
      () => setShown({ text, copied: true }),
      () => setShown({ text, copied: false }),
    );
  };
  return (
    <>
      <Button onClick={copy}>{t('officer_copy')}</Button>
      {shown && (
        <div class="notice" role="status">
          <p>{t(shown.copied ? 'officer_copied' : 'officer_not_copied')}</p>
          <pre class="report">{shown.text}</pre>
        </div>
      )}
    </>
  );
}

function Endings({ record: of }: { record: ReferralRecord }) {
  const [asking, setAsking] = useState<Ending | null>(null);
  const { busy, failed, run } = useBusy();
  const offered = endings(of, me.value?.role);
  const actsOf = (ending: Ending): Act[] =>
    ending === 'withdraw' ? withdrawActs(of) : closeActs(ending === 'left' ? 'person_left' : 'entered_by_mistake');
  const confirm = (ending: Ending): void => {
    run(async () => {
      await submit(of.id, actsOf(ending));
      setAsking(null);
    });
  };
  if (offered.length === 0) return null;
  return (
    <details class="more">
      <summary>{t('officer_changes')}</summary>
      {failed && <p role="alert">{t('officer_not_stored')}</p>}
      {asking === null ? (
        <div class="further">
          {offered.map((ending) => (
            <Button key={ending} onClick={() => setAsking(ending)}>
              {t(`officer_end_${ending}`)}
            </Button>
          ))}
        </div>
      ) : (
        <div class="further">
          <p>{t(`officer_end_${asking}_sure`)}</p>
          <Button kind="danger" busy={busy} onClick={() => confirm(asking)}>
            {t(`officer_end_${asking}`)}
          </Button>
          <Button onClick={() => setAsking(null)}>{t('cancel')}</Button>
        </div>
      )}
    </details>
  );
}
