/**
 * Giving one's own duty to somebody else: covered until a time, handed over now, or swapped.
 *
 * Each says before the tap what happens and what holds meanwhile. Who may decide at once is the server's affair.
 */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { go, route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Button, Card, ErrorSummary, LinkButton, Options, Screen, type FieldError, type Option } from '../parts/index.ts';
import { isFresh, rotaNow, SHOWN_MS, useForm, useRota, type Known } from './known.ts';
import { Freshness, Refused, useAct, WallTime, ZoneLine, type Acting } from './parts.tsx';
import { wish, type Person, type Rota, type Wish } from './server.ts';
import { dutiesOf, joined, runs, shiftsOf, type Duty, type Time } from './spans.ts';
import { fieldOf, readTime } from './times.ts';
import { fromTo, nameOf, shiftWords, stretch, untilWords } from './words.ts';
import { wallText } from './zone.ts';

const TITLES = { cover: 'rota_cover_title', hand_over: 'rota_hand_over_title', swap: 'rota_swap_title' } as const;
type What = keyof typeof TITLES;

const instantText = (at_ms: number): string => new Date(at_ms).toISOString();

/** One's shift in the time that the address names: its ends may have moved since. */
function shiftAt(rota: Rota, level: string | undefined, time: Time): Duty | undefined {
  const { running, coming } = shiftsOf(rota, me.value?.user_id ?? '', rotaNow.value);
  return [...running, ...coming].find((shift) => shift.level === level && shift.from_ms < time.to_ms && time.from_ms < shift.to_ms);
}

/** Everybody else who may be put on duty, with what speaks against them in that time, if one is known. */
function choices(rota: Rota, shift: Duty, time: Time | null): Option[] {
  const same = dutiesOf(rota).filter(
    (duty) => time !== null && duty.level === shift.level && duty.from_ms < time.to_ms && time.from_ms < duty.to_ms,
  );
  const busy = new Set(same.map(({ user_id }) => user_id));
  const hint = ({ id, reachable }: Person): string | undefined =>
    !reachable ? t('rota_unreachable_person') : busy.has(id) ? t('rota_has_duty') : undefined;
  return rota.people.filter(({ id }) => id !== me.value?.user_id).map((person) => ({ value: person.id, label: person.name, hint: hint(person) }));
}

interface FormProps {
  have: Known;
  shift: Duty;
  /** What is typed is kept under this name. */
  form: string;
}

/** Sends the wish; back to one's shifts, where it then stands, if the server took it. */
function useAsk(drop: () => void): { busy: boolean; refused: Acting['refused']; ask: (what: Wish, name: string) => void } {
  const { busy, refused, act } = useAct();
  const ask = (what: Wish, name: string): void => {
    void act(async () => {
      const state = await wish(what);
      return state === 'accepted' ? t('rota_accepted_now') : `${t('rota_asked_now', { name })} ${t(`rota_meanwhile_${what.level}`, { name })}`;
    }).then((done) => {
      if (!done) return;
      drop();
      go('/rota/mine');
    });
  };
  return { busy, refused, ask };
}

/** The form of a cover: what is typed, what it means, and sending it. */
function useCover({ have: { rota }, shift, form }: FormProps) {
  const { zone } = rota;
  const running = runs(shift, rotaNow.value);
  const begins = { who: '', from: running ? '' : wallText(shift.from_ms, zone), until: wallText(shift.to_ms, zone) };
  const { values, set, drop } = useForm(form, begins);
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { busy, refused, ask } = useAsk(drop);
  const read = readTime({ ...values, known: shift, from_now: running }, zone, rotaNow.value);
  const time = typeof read === 'string' ? null : read;
  const name = values.who === '' ? '' : nameOf(rota, values.who);
  const send = (): void => {
    const found: FieldError[] = [];
    if (values.who === '') found.push({ field: 'rota-who', text: t('rota_missing_person') });
    if (typeof read === 'string') found.push({ field: fieldOf(read), text: t(read) });
    setErrors(found);
    if (found.length > 0 || time === null) return;
    const start = running ? {} : { start: instantText(time.from_ms) };
    ask({ kind: 'cover', level: shift.level, to_user_id: values.who, ...start, end: instantText(time.to_ms) }, name);
  };
  const errorOf = (field: string): string | undefined => errors.find((each) => each.field === field)?.text;
  return { values, set, errors, errorOf, running, time, name, busy, refused, send };
}

function Cover(props: FormProps) {
  const { have: { rota }, shift } = props;
  const { values, set, errors, errorOf, running, time, name, busy, refused, send } = useCover(props);
  return (
    <>
      <ErrorSummary errors={errors} />
      <Options id="rota-who" label={t('rota_who')} options={choices(rota, shift, time)} value={values.who} onChoose={(who) => set({ who })} />
      {!running && (
        <WallTime
          id="rota-from"
          label={t('rota_from_when')}
          value={values.from}
          error={errorOf('rota-from')}
          onInput={(from) => set({ from })}
        />
      )}
      <WallTime
        id="rota-until"
        label={t('rota_until_when')}
        hint={running ? t('rota_now_hint') : undefined}
        value={values.until}
        error={errorOf('rota-until')}
        onInput={(until) => set({ until })}
      />
      <Refused why={refused} />
      <Asking name={name} shift={shift} time={time} zone={rota.zone} />
      <Button kind="act" busy={busy} disabled={!isFresh.value} onClick={send}>
        {name ? t('rota_ask_name', { name }) : t('rota_ask')}
      </Button>
    </>
  );
}

/** What will hold, before and after somebody agrees. */
function Asking({ name, shift, time, zone }: { name: string; shift: Duty; time: Time | null; zone: string }) {
  if (!name || time === null) return null;
  return (
    <p>
      {t(`rota_meanwhile_${shift.level}`, { name })} {t(`rota_then_${shift.level}`, { name, when: fromTo(time, zone, rotaNow.value) })}
    </p>
  );
}

/** Two taps: the person, and yes. */
function HandOver({ have, shift }: FormProps) {
  const { rota } = have;
  const [who, setWho] = useState<string | null>(null);
  const { busy, refused, ask } = useAsk(() => undefined);
  const others = choices(rota, shift, shift);
  const name = who === null ? '' : nameOf(rota, who);
  return (
    <>
      <Refused why={refused} />
      {others.length === 0 && <p>{t('rota_nobody_to_ask')}</p>}
      <div class="rota-people" role="group" aria-label={t('rota_who')}>
        {others.map(({ value, label, hint }) => (
          <Button key={value} pressed={who === value} onClick={() => setWho(value)}>
            <span>
              {label}
              {hint && <span class="hint rota-line">{hint}</span>}
            </span>
          </Button>
        ))}
      </div>
      {who !== null && (
        <Card tone="wait">
          <p>{t('rota_hand_over_ask', { name, time: untilWords(shift, have, rotaNow.value) })}</p>
          <p>{t(`rota_meanwhile_${shift.level}`, { name })}</p>
          <Button
            kind="act"
            busy={busy}
            disabled={!isFresh.value}
            onClick={() => ask({ kind: 'hand_over', level: shift.level, to_user_id: who }, name)}
          >
            {t('rota_hand_over_to', { name })}
          </Button>
        </Card>
      )}
    </>
  );
}

/** My shift, whose, which. */
function Swap({ have, shift, form }: FormProps) {
  const { rota } = have;
  const { zone } = rota;
  const { values, set, drop } = useForm(form, { who: '', which: '' });
  const [errors, setErrors] = useState<FieldError[]>([]);
  const { busy, refused, ask } = useAsk(drop);
  const shifts = joined(dutiesOf(rota)).filter(
    ({ level, user_id, from_ms, absent }) =>
      level === shift.level && user_id === values.who && !absent && from_ms > rotaNow.value && from_ms < rotaNow.value + SHOWN_MS,
  );
  const chosen = shifts.find(({ from_ms, to_ms }) => `${from_ms}-${to_ms}` === values.which);
  const name = values.who === '' ? '' : nameOf(rota, values.who);
  const send = (): void => {
    const missing = values.who === '' ? 'rota_missing_person' : chosen === undefined ? 'rota_missing_shift' : null;
    setErrors(missing === null ? [] : [{ field: values.who === '' ? 'rota-who' : 'rota-which', text: t(missing) }]);
    if (chosen === undefined) return;
    const mine = { start: instantText(Math.max(shift.from_ms, rotaNow.value)), end: instantText(shift.to_ms) };
    const theirs = { with_start: instantText(chosen.from_ms), with_end: instantText(chosen.to_ms) };
    ask({ kind: 'swap', level: shift.level, to_user_id: values.who, ...mine, ...theirs }, name);
  };
  return (
    <>
      <ErrorSummary errors={errors} />
      <Options
        id="rota-who"
        label={t('rota_whose')}
        options={choices(rota, shift, null)}
        value={values.who}
        onChoose={(who) => set({ who, which: '' })}
      />
      {values.who !== '' && shifts.length === 0 && <p class="state wait">{t('rota_no_swap', { name })}</p>}
      {shifts.length > 0 && (
        <Options
          id="rota-which"
          label={t('rota_which')}
          options={shifts.map((each) => ({ value: `${each.from_ms}-${each.to_ms}`, label: stretch(each, zone) }))}
          value={values.which}
          onChoose={(which) => set({ which })}
        />
      )}
      <Refused why={refused} />
      {chosen && (
        <p>
          {t(`rota_meanwhile_${shift.level}`, { name })}{' '}
          {t('rota_then_swap', { name, when: shiftWords(shift, have, rotaNow.value), back: stretch(chosen, zone) })}
        </p>
      )}
      <Button kind="act" busy={busy} disabled={!isFresh.value} onClick={send}>
        {name ? t('rota_ask_name', { name }) : t('rota_ask')}
      </Button>
    </>
  );
}

const FORMS = { cover: Cover, hand_over: HandOver, swap: Swap };

export const isWhat = (text: string | undefined): text is What => text !== undefined && Object.hasOwn(TITLES, text);

export function ChangeMine({ what }: { what: What }) {
  const have = useRota();
  const [, level, from, to] = route.value.params;
  const shift = have && shiftAt(have.rota, level, { from_ms: Number(from), to_ms: Number(to) });
  const Form = FORMS[what];
  return (
    <Screen title={t(TITLES[what])} back={() => go('/rota/mine')}>
      <Freshness />
      {have && shift && (
        <>
          <p class="soft">{t('rota_your_shift', { when: shiftWords(shift, have, rotaNow.value) })}</p>
          <Form have={have} shift={shift} form={`${what}/${level}/${to}`} />
          <ZoneLine rota={have.rota} />
        </>
      )}
      {have && !shift && (
        <>
          <p class="state wait">{t('rota_no_shift')}</p>
          <LinkButton to="/rota/mine">{t('rota_mine')}</LinkButton>
        </>
      )}
    </Screen>
  );
}
