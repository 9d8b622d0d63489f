/** A supervisor's word about one person and one time: on duty as well, alone, or off. It stands at once. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { go, route } from '../../state/router.ts';
import { Button, ErrorSummary, Options, Screen, type FieldError, type Option } from '../parts/index.ts';
import { isFresh, rotaNow, useForm, useRota, type Known } from './known.ts';
import { Freshness, Refused, useAct, WallTime, ZoneLine } from './parts.tsx';
import { isLevel, LEVELS, wish, type Level, type Person } from './server.ts';
import type { Time } from './spans.ts';
import { fieldOf, readTime } from './times.ts';
import { levelName } from './words.ts';
import { wallText } from './zone.ts';

const KINDS = ['add', 'only', 'off'] as const;
type Kind = (typeof KINDS)[number];
// A type and not an interface, so that it is also a plain JSON object for the state layer.
type Values = { level: Level; kind: Kind; who: string; from: string; until: string };

/** The stretch that the address names: a gap to be filled. */
function addressed(): { level: Level; known: Time | null } {
  const [, level, from, to] = route.value.params;
  const time = { from_ms: Number(from), to_ms: Number(to) };
  return { level: isLevel(level) ? level : 'on_call', known: time.from_ms > 0 && time.to_ms > time.from_ms ? time : null };
}

const personOption = ({ id, name, reachable }: Person): Option => ({
  value: id, label: name, hint: reachable ? undefined : t('rota_unreachable_person'),
});

function errorsOf(values: Values, time: Time | Parameters<typeof fieldOf>[0]): FieldError[] {
  return [
    ...(values.who === '' ? [{ field: 'rota-who', text: t('rota_missing_person') }] : []),
    ...(typeof time === 'string' ? [{ field: fieldOf(time), text: t(time) }] : []),
  ];
}

function PutForm({ have: { rota } }: { have: Known }) {
  const { level, known } = addressed();
  const text = (at_ms: number | undefined): string => (at_ms === undefined ? '' : wallText(at_ms, rota.zone));
  const begins: Values = { level, kind: 'add', who: '', from: text(known?.from_ms), until: text(known?.to_ms) };
  const { values, set, drop } = useForm<Values>(`put/${route.value.params.slice(1).join('/')}`, begins);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { busy, refused, act } = useAct();
  const save = (): void => {
    const time = readTime({ ...values, known, from_now: false }, rota.zone, rotaNow.value);
    const found = errorsOf(values, time);
    setErrors(found);
    if (found.length > 0 || typeof time === 'string') return;
    void act(async () => {
      const [start, end] = [time.from_ms, time.to_ms].map((at) => new Date(at).toISOString()) as [string, string];
      await wish({ kind: values.kind, level: values.level, user_id: values.who, start, end });
      return t('rota_put_now');
    }).then((done) => {
      if (!done) return;
      drop();
      go('/rota');
    });
  };
  const errorOf = (field: string): string | undefined => errors.find((each) => each.field === field)?.text;
  return (
    <>
      <ErrorSummary errors={errors} />
      <Options
        inline
        label={t('rota_level')}
        value={values.level}
        onChoose={(chosen) => set({ level: chosen })}
        options={LEVELS.map((each) => ({ value: each, label: levelName(each) }))}
      />
      <Options
        id="rota-who"
        label={t('rota_who')}
        value={values.who}
        onChoose={(who) => set({ who })}
        options={rota.people.map(personOption)}
      />
      <Options
        label={t('rota_what')}
        value={values.kind}
        onChoose={(kind) => set({ kind })}
        options={KINDS.map((kind) => ({ value: kind, label: t(`rota_put_${kind}`), hint: t(`rota_put_${kind}_hint`) }))}
      />
      <WallTime id="rota-from" label={t('rota_from_when')} value={values.from} error={errorOf('rota-from')} onInput={(from) => set({ from })} />
      <WallTime id="rota-until" label={t('rota_until_when')} value={values.until} error={errorOf('rota-until')} onInput={(until) => set({ until })} />
      <ZoneLine rota={rota} />
      <Refused why={refused} />
      <Button kind="act" busy={busy} disabled={!isFresh.value} onClick={save}>
        {t('rota_put_save')}
      </Button>
    </>
  );
}

export function Put() {
  const have = useRota();
  return (
    <Screen title={t('rota_put_title')} back={() => go('/rota')}>
      <Freshness />
      {have && <PutForm have={have} />}
    </Screen>
  );
}
