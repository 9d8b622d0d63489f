/** Home: begin, or go on with what was begun; what needs the officer stands first. */
import { present } from '../../state/clock.ts';
import { shownLanguage, t } from '../../state/language.ts';
import { newDraft } from '../../state/drafts.ts';
import { dayOf, inForce, packInForce } from '../../state/packs.ts';
import { records } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { me, phase, program } from '../../state/session.ts';
import { stale } from '../../state/since.ts';
import { storageLevel } from '../../state/storage_level.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, DraftLine, Screen, StateLine, WhenDone } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { concerns } from '../conflicts/concerns.ts';
import { Unread } from '../parts/unread.tsx';
import { sent } from './acts.ts';
import { SHIFT_HOURS, type Body, type OfficerDraft, type Pathway } from './body.ts';
import { begin, offered } from './flow.ts';
import { items, type Item } from './list.ts';
import { MayRefer } from './may_refer.tsx';
import { endOf } from './timeline.ts';
import { departed } from './waiting.ts';
import { Waits } from './waits.tsx';
import { officerDrafts, packOf, pathOf } from './way.ts';

const room = lazily(() => import('../handover/index.tsx'), 'handover');

const isPartner = (): boolean => me.value?.role === 'partner';

function beginOn(pathway: Pathway): void {
  const at = new Date(present()).toISOString();
  const pack = program.value && inForce(program.value, dayOf(at, program.value.time_zone));
  go(pathOf(newDraft<Body>(begin(pathway, at, pack, isPartner()))));
}

function Begin() {
  if (!program.value) return <p class="notice">{t('officer_no_program')}</p>;
  const paths = offered(program.value.pathways, packInForce.value, isPartner() ? 'partner' : 'officer');
  return (
    <div class="begin">
      {paths.includes('arrest_diversion') && (
        <Button kind="act" onClick={() => beginOn('arrest_diversion')}>
          {t('officer_offer')}
        </Button>
      )}
      {paths.includes('social_contact') && <Button onClick={() => beginOn('social_contact')}>{t('officer_social')}</Button>}
      {paths.length === 0 && <p class="notice">{t('officer_no_pathway')}</p>}
    </div>
  );
}

const pathwayWords = (pathway: unknown): string => t(pathway === 'social_contact' ? 'officer_social' : 'officer_arrest');

/** The charges in words, by the rules that they were chosen from; without those, by the rules in force. */
function chargeWords(codes: unknown, hash: string | null): string {
  const spoken = shownLanguage.value;
  const listed = (packOf(hash) ?? packInForce.value)?.document.charges ?? [];
  const title = (code: string): string => listed.find((each) => each.code === code)?.title[spoken] ?? t('officer_unlisted');
  return Array.isArray(codes) ? codes.map((code: string) => title(code)).join(', ') : '';
}

/** The hash of the rules that a referral was judged by. */
export const rulesOf = (record: ReferralRecord): string | null =>
  (sent(record, 'determination') as { pack?: string | null } | null)?.pack ?? null;

/** What tells one referral from another on a small screen: who, else where, else what for. */
export function titleOf(record: ReferralRecord): string {
  const told = ['name', 'alias', 'place'].map((key) => sent(record, key)).find((value) => typeof value === 'string');
  const origin = sent(record, 'origin') as { pathway?: string } | null;
  return (told as string | undefined) ?? (chargeWords(sent(record, 'charges'), rulesOf(record)) || pathwayWords(origin?.pathway));
}

function DraftCard({ draft }: { draft: OfficerDraft }) {
  const { pathway, charges, fields, begun_at, pack } = draft.body;
  const place = typeof fields['place'] === 'string' ? fields['place'] : '';
  return (
    <Card to={pathOf(draft)} title={place || chargeWords(charges, pack) || pathwayWords(pathway)}>
      <DraftLine />
      <p class="soft">
        <WhenDone of={{ at: begun_at }} />
      </p>
    </Card>
  );
}

/** What came of it, below the state line, which goes on saying who saw it. */
export function EndLine({ record }: { record: ReferralRecord }) {
  const end = endOf(record);
  const looked_for = departed(record) && end !== 'closed' && end !== 'handed_off';
  return (
    <>
      {end !== undefined && <p>{t(`officer_moment_${end}`)}</p>}
      {looked_for && <p class="state plain">{t('officer_left')}</p>}
    </>
  );
}

function ReferralCard({ record, unsent }: { record: ReferralRecord; unsent: boolean }) {
  return (
    <>
      <Card to={`/referral/${record.id}`} title={titleOf(record)}>
        <StateLine record={record} />
        <EndLine record={record} />
        {concerns(record, me.value?.user_id) && <p class="state wait">{t('conflict_line')}</p>}
        {unsent && <p class="state wait">{t('officer_details_unsent')}</p>}
        <p class="soft">
          <WhenDone of={record.state.registers['origin'] ?? { at: record.made_at }} />
        </p>
      </Card>
      <Waits record={record} />
    </>
  );
}

const keyOf = (item: Item): string => (item.kind === 'draft' ? item.draft.draft_id : item.record.id);

export function Home() {
  const list = items(officerDrafts(), records.value);
  return (
    <Screen title={t('officer_home')}>
      {storageLevel.value !== 'fine' && <Lazy inside load={room} props={{ notice: true }} />}
      {storageLevel.value !== 'spent' && <Begin />}
      <h2>{t('officer_mine')}</h2>
      <Unread />
      {list.length === 0 && stale.value ? null : list.length === 0 ? (
        <p class="empty">{t(phase.value === 'write_only' ? 'officer_mine_locked' : 'officer_mine_empty')}</p>
      ) : (
        <ul class="cards">
          {list.map((item) => (
            <li key={keyOf(item)}>
              {item.kind === 'draft' ? <DraftCard draft={item.draft} /> : <ReferralCard record={item.record} unsent={item.unsent} />}
            </li>
          ))}
        </ul>
      )}
      {list.some(({ kind }) => kind === 'draft') && <p class="hint">{t('officer_drafts_erased', { hours: SHIFT_HOURS })}</p>}
      <MayRefer />
    </Screen>
  );
}
