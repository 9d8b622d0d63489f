/** Where, how long, which number: then the one button that calls a coordinator. Nothing on this screen is required. */
import { minute } from '../../state/clock.ts';
import { language, t } from '../../state/language.ts';
import { submit } from '../../state/compose.ts';
import { records } from '../../state/records.ts';
import { goInstead } from '../../state/router.ts';
import { me, program } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { coming } from '../../state/times.ts';
import { Button, CallButton, Options } from '../parts/index.ts';
import { alertActs, consentGap, leavingAlertActs, sent, type AlertContext } from './acts.ts';
import type { Body, FieldValue } from './body.ts';
import { useBusy } from './busy.ts';
import { decidesAtAlert, factsOf } from './flow.ts';
import { rememberGrant } from './grants.ts';
import { leaveWords } from './leave.tsx';
import { Line } from './line.tsx';
import { isGps, locate } from './place.ts';
import { End, Step } from './step.tsx';
import { closedUntil } from './waiting.ts';
import { judged, setField, type Way } from './way.ts';

export const WAITS = ['5', '15', '30', '60', '0'] as const;

/** The number this officer gave last; it belongs to the officer and seldom changes. */
export function usualCallback(list: readonly ReferralRecord[]): string | null {
  const newest = list.filter(({ mine }) => mine).toSorted((a, b) => (a.made_at < b.made_at ? 1 : -1));
  const given = newest.map((record) => sent(record, 'callback')).find((value) => typeof value === 'string');
  return (given as string | undefined) ?? null;
}

function contextOf(way: Way): AlertContext | null {
  const script = program.value?.script;
  if (!script || !me.value) return null;
  return {
    agency_id: me.value.agency_id,
    script,
    pack: way.pack,
    determination: judged(way),
    facts: way.pack ? (factsOf(way.body, way.pack.document, way.days) as Body['facts']) : {},
    callback: usualCallback(records.value),
    spoken: language.value,
  };
}

export function Alert({ way }: { way: Way }) {
  const { body, draft } = way;
  const { busy, failed, run } = useBusy();
  const decides = decidesAtAlert(body, way.pack);
  const set = (key: string, value: FieldValue): void => setField(draft.draft_id, key, value);
  const context = contextOf(way);
  // An address typed by hand can lead here before the yes; the offer is where to go on.
  const ready = context !== null && body.agreed && consentGap(body.consent) === null;
  const waits = body.fields['wait_minutes'];
  const until = way.body.partner ? null : closedUntil(program.value, body.pathway, waits !== 0, minute.value);
  const alert = (actsOf = alertActs): void => {
    run(async () => {
      if (!context) return;
      const acts = actsOf(body, context);
      // The draft goes in the same transaction: after a crash there is either a draft or a referral, never both.
      await submit(draft.referral_id, acts, {
        consumes_draft: draft.draft_id,
        pack: body.pack,
        stored: (op_ids) => {
          rememberGrant(draft.referral_id, op_ids[acts.findIndex(({ kind }) => kind === 'consent.grant')]);
          goInstead(`/referral/${draft.referral_id}`);
        },
      });
    });
  };
  const now_words = t(decides ? 'officer_divert_now' : 'officer_alert_now');
  const main = (
    <Button kind="act" busy={busy} disabled={!ready} onClick={() => alert(until === null ? alertActs : leavingAlertActs)}>
      {until === null ? now_words : leaveWords(until, minute.value).label}
    </Button>
  );
  const callback = body.fields['callback'] ?? ('callback' in body.fields ? '' : (context?.callback ?? ''));
  return (
    <Step way={way} title={t('officer_alert')} main={main} errors={failed ? [{ text: t('officer_alert_failed') }] : []}>
      {!ready && <p class="notice">{t('officer_alert_not_ready')}</p>}
      {until !== null && <NobodyOnDuty until={until} />}
      {decides && (
        <div class="further">
          <p>{t('officer_you_decide_now')}</p>
          <End way={way} kind="quiet">
            {t('officer_book')}
          </End>
        </div>
      )}
      <Place fields={body.fields} set={set} />
      <Options
        inline
        label={t('officer_wait')}
        options={WAITS.map((value) => ({ value, label: value === '0' ? t('officer_cannot_wait') : t('officer_minutes', { n: value }) }))}
        value={typeof waits === 'number' ? (String(waits) as (typeof WAITS)[number]) : null}
        onChoose={(value) => set('wait_minutes', Number(value))}
      />
      <Line
        optional
        label={t('officer_callback')}
        type="tel"
        maxLength={40}
        value={String(callback)}
        onInput={(text) => set('callback', text)}
      />
      {/* A phone's clock may be wrong, and the server goes by its own: nothing that could call somebody is taken away. */}
      {until !== null && (
        <Button busy={busy} disabled={!ready} onClick={() => alert()}>
          {now_words}
        </Button>
      )}
    </Step>
  );
}

/** Said before the alert, so that nobody stands in the cold for an answer that cannot come. */
function NobodyOnDuty({ until }: { until: number }) {
  return (
    <div class="notice unsent" role="status">
      <p>{t('officer_nobody_on_duty', { time: coming(until, minute.value) })}</p>
      <p>{leaveWords(until, minute.value).why}</p>
      <CallButton kind="plain" />
    </div>
  );
}

function Place({ fields, set }: { fields: Body['fields']; set: (key: string, value: FieldValue) => void }) {
  const { busy, failed, run } = useBusy();
  const gps = fields['gps'];
  return (
    <>
      <Line
        optional
        label={t('officer_place')}
        hint={t('officer_place_hint')}
        maxLength={300}
        value={String(fields['place'] ?? '')}
        onInput={(text) => set('place', text)}
      />
      {isGps(gps) ? (
        <p class="notice" role="status">
          {t('officer_gps_taken', { metres: gps.accuracy_m })}{' '}
          <Button kind="quiet" onClick={() => set('gps', null)}>
            {t('officer_gps_remove')}
          </Button>
        </p>
      ) : (
        <Button busy={busy} onClick={() => run(async () => set('gps', await locate()))}>
          {t(busy ? 'officer_gps_asking' : 'officer_gps')}
        </Button>
      )}
      {failed && <p role="alert">{t('officer_gps_failed')}</p>}
    </>
  );
}
