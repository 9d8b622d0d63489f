/** Home: begin, or go on with what was begun; what needs the officer stands first. */
import { shownLanguage, t, tn } from '../../state/language.ts';
import { newDraft } from '../../state/drafts.ts';
import { records, unreadable } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { me, phase, program } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Card, DraftLine, Screen, StateLine, When } from '../parts/index.ts';
import { sent } from './acts.ts';
import { emptyBody, SHIFT_HOURS, type Body, type OfficerDraft, type Pathway } from './body.ts';
import { items, type Item } from './list.ts';
import { endOf } from './timeline.ts';
import { officerDrafts, packInForce, pathOf } from './way.ts';

function begin(pathway: Pathway): void {
  const draft = newDraft<Body>(emptyBody(pathway, new Date().toISOString()));
  go(pathOf(draft));
}

function Begin() {
  const offered = program.value?.pathways;
  if (!offered) return <p class="notice">{t('officer_no_program')}</p>;
  // A community partner makes no arrests.
  const mayArrest = me.value?.role !== 'partner';
  const has = (pathway: Pathway): boolean => offered.includes(pathway) && (mayArrest || pathway === 'social_contact');
  return (
    <div class="begin">
      {has('arrest_diversion') && (
        <Button kind="act" onClick={() => begin('arrest_diversion')}>
          {t('officer_offer')}
        </Button>
      )}
      {has('social_contact') && <Button onClick={() => begin('social_contact')}>{t('officer_social')}</Button>}
      {!has('arrest_diversion') && !has('social_contact') && <p class="notice">{t('officer_no_pathway')}</p>}
    </div>
  );
}

const pathwayWords = (pathway: unknown): string => t(pathway === 'social_contact' ? 'officer_social' : 'officer_arrest');

/** The charges in words, as far as the rules on this phone know them. */
function chargeWords(codes: unknown): string {
  const spoken = shownLanguage.value;
  const listed = packInForce()?.document.charges ?? [];
  const title = (code: string): string => listed.find((each) => each.code === code)?.title[spoken] ?? t('officer_unlisted');
  return Array.isArray(codes) ? codes.map((code: string) => title(code)).join(', ') : '';
}

/** What tells one referral from another on a small screen: who, else where, else what for. */
export function titleOf(record: ReferralRecord): string {
  const told = ['name', 'alias', 'place'].map((key) => sent(record, key)).find((value) => typeof value === 'string');
  const origin = sent(record, 'origin') as { pathway?: string } | null;
  return (told as string | undefined) ?? (chargeWords(sent(record, 'charges')) || pathwayWords(origin?.pathway));
}

function DraftCard({ draft }: { draft: OfficerDraft }) {
  const { pathway, charges, fields, begun_at } = draft.body;
  const place = typeof fields['place'] === 'string' ? fields['place'] : '';
  return (
    <Card to={pathOf(draft)} title={place || chargeWords(charges) || pathwayWords(pathway)}>
      <DraftLine />
      <p class="soft">
        <When at={begun_at} />
      </p>
    </Card>
  );
}

/** What came of it, below the state line, which goes on saying who saw it. */
export function EndLine({ record }: { record: ReferralRecord }) {
  const end = endOf(record);
  return end === undefined ? null : <p>{t(`officer_moment_${end}`)}</p>;
}

function ReferralCard({ record, unsent }: { record: ReferralRecord; unsent: boolean }) {
  return (
    <Card to={`/referral/${record.id}`} title={titleOf(record)}>
      <StateLine record={record} />
      <EndLine record={record} />
      {unsent && <p class="state wait">{t('officer_details_unsent')}</p>}
      <p class="soft">
        <When at={record.made_at} />
      </p>
    </Card>
  );
}

const keyOf = (item: Item): string => (item.kind === 'draft' ? item.draft.draft_id : item.record.id);

export function Home() {
  const list = items(officerDrafts(), records.value);
  const lost = unreadable.value;
  return (
    <Screen title={t('officer_home')}>
      <Begin />
      <h2>{t('officer_mine')}</h2>
      {lost > 0 && <p class="state bad">{tn('unreadable', lost)}</p>}
      {list.length === 0 ? (
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
    </Screen>
  );
}
