/** The inbox: what nobody has comes first and is answered on the card itself; then mine, others', closed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t, tn } from '../../state/language.ts';
import { people, records } from '../../state/records.ts';
import { shortReference } from '../../state/reference.ts';
import { me } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { concerns } from '../conflicts/concerns.ts';
import { Button, Screen } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Unread } from '../parts/unread.tsx';
import { EtaButtons, HolderLine, SomebodyWasFirst } from './answer.tsx';
import { PILES, gotThereFirst, sortIntoPiles, type Pile } from './inbox.ts';
import { LateArrivalLine, WaitLine, WaitingLine } from './lines.tsx';
import { isWorkedOnElsewhere, linksAmong } from './merging.ts';
import { holderOf, isWithdrawn, pathwayOf, read } from './reading.ts';
import { word } from './wording.ts';

const rotaLine = lazily(() => import('../rota/line.tsx'), 'rota');

const numberOf = ({ number }: ReferralRecord): string =>
  number === null ? t('co_title_plain') : t('co_title', { number });

function Title({ record }: { record: ReferralRecord }) {
  const place = read<string>(record, 'place');
  return (
    <h3 class="card-title">
      <a href={`#/referral/${record.id}`}>{place ?? numberOf(record)}</a>
    </h3>
  );
}

function InboxCard({ record, pile }: { record: ReferralRecord; pile: Pile }) {
  const pathway = pathwayOf(record);
  const unanswered = pile === 'unanswered';
  return (
    <article class={unanswered ? 'card wait' : 'card'}>
      <Title record={record} />
      <p class="soft">
        {[numberOf(record), t('staff_reference', { code: shortReference(record.id) }), pathway && word('pathway', pathway)].filter(Boolean).join(' · ')}
      </p>
      <WaitLine record={record} />
      {unanswered && <WaitingLine record={record} />}
      {pile !== 'closed' && <LateArrivalLine record={record} />}
      {isWithdrawn(record) && <p class="state wait">{t('co_withdrawn_title')}</p>}
      {(!unanswered || holderOf(record) !== undefined) && <HolderLine record={record} />}
      <SomebodyWasFirst record={record} />
      {concerns(record, me.value?.user_id) && gotThereFirst(record, me.value?.user_id ?? '') === undefined && (
        <p class="state wait">{t('conflict_line')}</p>
      )}
      {unanswered && <EtaButtons record={record} opens />}
    </article>
  );
}

/** Says a growing number of waiting referrals aloud; a shrinking one is the person's own doing. */
function useAnnouncedCount(count: number): void {
  const former = useRef(0);
  useEffect(() => {
    if (count > former.current) announce(tn('co_unanswered', count));
    former.current = count;
  }, [count]);
}

const EMPTY = { unanswered: 'co_empty_unanswered', mine: 'co_empty_mine' } as const;

export function Inbox() {
  const links = linksAmong(records.value);
  const worked = records.value.filter((each) => !isWorkedOnElsewhere(each, links));
  const piles = sortIntoPiles(worked, me.value?.user_id ?? '', people.value);
  const [withClosed, setWithClosed] = useState(false);
  useAnnouncedCount(piles.unanswered.length);
  return (
    <Screen title={t('co_inbox')}>
      <Lazy inside load={rotaLine} props={{ desk: false }} />
      <Unread />
      {PILES.map((pile) => {
        const found = piles[pile];
        if (found.length === 0 && (pile === 'others' || pile === 'closed')) return null;
        if (pile === 'closed' && !withClosed) {
          return (
            <Button key={pile} onClick={() => setWithClosed(true)}>
              {t('co_show_closed', { n: found.length })}
            </Button>
          );
        }
        return (
          <section key={pile} class="pile" aria-labelledby={`pile-${pile}`}>
            <h2 id={`pile-${pile}`}>{t(`co_pile_${pile}`)}</h2>
            {found.length === 0 && <p class="soft">{t(EMPTY[pile as 'unanswered' | 'mine'])}</p>}
            {found.map((record) => (
              <InboxCard key={record.id} record={record} pile={pile} />
            ))}
          </section>
        );
      })}
    </Screen>
  );
}
