/** Details after the alert, in small groups. They may be sent with gaps, now and again; only what is new travels. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { submit } from '../../state/compose.ts';
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { go, goInstead } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { changedMeanwhile, type Change } from '../conflicts/meanwhile.ts';
import { Button, ErrorSummary, LinkButton, Screen, type FieldError } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { changed, detailsActs, detailsProblems, standingConsent, type Known } from './acts.ts';
import { useBusy } from './busy.ts';
import { CasePage, FiguresPage, NeedsPage, PersonPage } from './details_pages.tsx';
import { formOf, type DetailsForm } from './form.ts';
import { rememberedGrant } from './grants.ts';
import { takenOver } from './taken_over.ts';

const meanwhile = lazily(() => import('../conflicts/index.tsx'), 'coordinator', 'conflicts');

const PAGES = ['person', 'needs', 'case', 'figures'] as const;
type Page = (typeof PAGES)[number];

const SCREENS: Record<Page, (props: { form: DetailsForm }) => JSX.Element> = {
  person: PersonPage,
  needs: NeedsPage,
  case: CasePage,
  figures: FiguresPage,
};

/** The yes to cite: from the referral itself, or from this sitting where the phone cannot read the referral back. */
function consentFor(id: string, known: Known | undefined): string | null {
  const told = Object.keys(known?.state.consent ?? {}).length > 0;
  return told ? standingConsent(known) : rememberedGrant(id);
}

export function Details({ id, page }: { id: string; page: string }) {
  const at = Math.max(0, PAGES.indexOf(page as Page));
  const shown = PAGES[at]!;
  const known = record(id);
  const form = formOf(id, known);
  const consent = consentFor(id, known);
  const taken = known !== undefined && takenOver(known, me.value?.role);
  const { busy, failed, run } = useBusy();
  const [problem, setProblem] = useState<FieldError | null>(null);
  const { updated_at } = form.draft ?? {};
  useEffect(() => setProblem(null), [shown, updated_at]);
  const changes = changedMeanwhile(changed(form.body.fields, known), form.body.seen ?? {}, known, me.value?.user_id);
  const keepMine = ({ key, op }: Change): void => form.change({ seen: { ...form.body.seen, [key]: op } });
  const send = (): void => {
    const wrong = detailsProblems(form.body)[0];
    const acts = detailsActs(form.body, known, consent);
    if (changes.length > 0) return setProblem({ text: t('officer_changed_meanwhile') });
    if (wrong) return setProblem({ field: `details-${wrong}`, text: t(`officer_wrong_${wrong}`) });
    if (acts.length === 0) return setProblem({ text: t('officer_nothing_new') });
    run(async () => {
      await submit(id, acts, { shown: known, ...(form.draft && { consumes_draft: form.draft.draft_id }) });
      goInstead(`/referral/${id}`);
    });
  };
  const back = (): void => go(at === 0 ? `/referral/${id}` : `/referral/${id}/details/${PAGES[at - 1]}`);
  const next = PAGES[at + 1];
  const main = (
    <>
      {next && <LinkButton to={`/referral/${id}/details/${next}`}>{t('officer_next')}</LinkButton>}
      <Button kind="act" busy={busy} disabled={consent === null} onClick={send}>
        {t('officer_send_details')}
      </Button>
    </>
  );
  const errors = [...(failed ? [{ text: t('officer_not_stored') }] : []), ...(problem ? [problem] : [])];
  const Shown = SCREENS[shown];
  return (
    <Screen
      key={shown}
      title={t(`officer_details_${shown}`)}
      progress={t('step_of', { n: at + 1, of: PAGES.length })}
      back={back}
      main={main}
    >
      <ErrorSummary errors={errors} />
      {changes.length > 0 && <Lazy inside load={meanwhile} props={{ what: 'changed', changes, keepMine, leaveTheirs: ({ key }: Change) => form.leave(key) }} />}
      {consent === null ? <p class="notice">{t(taken ? 'officer_taken_over_wrote' : 'officer_consent_gone')}</p> : at === 0 && <p class="hint">{t('officer_details_lead')}</p>}
      <Shown form={form} />
    </Screen>
  );
}
