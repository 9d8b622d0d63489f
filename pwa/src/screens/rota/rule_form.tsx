/** One rule of a plan as a form: its times in the week, its people in order, how they take turns, and from when to when. */
import type { ComponentChildren } from 'preact';
import { t } from '../../state/language.ts';
import { Button, Field, Options, TextInput, useField } from '../parts/index.ts';
import { EVERY_DAY, moved, toggled, type TypedRule, type TypedTurn } from './plan.ts';
import type { Rota } from './server.ts';
import { calendarDay, nameOf, weekdayName } from './words.ts';
import { isDay, mondayOf } from './zone.ts';

const LONGEST_DAYS = 7;

interface SelectProps {
  value: string;
  onChoose: (value: string) => void;
  children: ComponentChildren;
}

function Select({ value, onChoose, children }: SelectProps) {
  return (
    <select class="input" {...useField()} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {children}
    </select>
  );
}

const daysWords = (days: number): string =>
  days === 0 ? t('rota_ends_day_0') : days === 1 ? t('rota_ends_day_1') : t('rota_ends_days', { n: days });

interface TurnFormProps {
  n: number;
  turn: TypedTurn;
  change: (turn: TypedTurn) => void;
  /** Null where it is the only one. */
  remove: (() => void) | null;
}

function TurnForm({ n, turn, change, remove }: TurnFormProps) {
  return (
    <fieldset class="rota-turn">
      <legend>{t('rota_turn', { n })}</legend>
      <div class="rota-weekdays" role="group" aria-label={t('rota_weekdays')}>
        {EVERY_DAY.map((day) => (
          <Button
            key={day}
            label={`${weekdayName(day, 'short')} (${weekdayName(day, 'long')})`}
            pressed={turn.weekdays.includes(day)}
            onClick={() => change({ ...turn, weekdays: toggled(turn.weekdays, day) })}
          >
            {weekdayName(day, 'short')}
          </Button>
        ))}
      </div>
      <div class="rota-fields">
        <Field label={t('rota_turn_start')}>
          <TextInput type="time" value={turn.start} onInput={(start) => change({ ...turn, start })} />
        </Field>
        <Field label={t('rota_turn_end')}>
          <TextInput type="time" value={turn.end} onInput={(end) => change({ ...turn, end })} />
        </Field>
        <Field label={t('rota_turn_days')}>
          <Select value={String(turn.days)} onChoose={(days) => change({ ...turn, days: Number(days) })}>
            {Array.from({ length: LONGEST_DAYS + 1 }, (_, days) => (
              <option key={days} value={String(days)}>
                {daysWords(days)}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {remove && (
        <Button kind="quiet" label={`${t('rota_remove_turn')}: ${t('rota_turn', { n })}`} onClick={remove}>
          {t('rota_remove_turn')}
        </Button>
      )}
    </fieldset>
  );
}

interface PeopleFormProps {
  rota: Rota;
  order: readonly string[];
  change: (order: string[]) => void;
}

/** Up, down and out. */
function Moves({ name, i, order, change }: Omit<PeopleFormProps, 'rota'> & { name: string; i: number }) {
  return (
    <span class="rota-moves">
      <Button label={t('rota_up_name', { name })} disabled={i === 0} onClick={() => change(moved(order, i, -1))}>
        {t('rota_up')}
      </Button>
      <Button label={t('rota_down_name', { name })} disabled={i === order.length - 1} onClick={() => change(moved(order, i, 1))}>
        {t('rota_down')}
      </Button>
      <Button kind="quiet" label={t('rota_remove_name', { name })} onClick={() => change(order.toSpliced(i, 1))}>
        {t('rota_remove')}
      </Button>
    </span>
  );
}

function PeopleForm({ rota, order, change }: PeopleFormProps) {
  const { people } = rota;
  return (
    <div class="stack">
      <p class="question">{t('rota_people')}</p>
      {order.length === 0 && <p class="soft">{t('rota_people_none')}</p>}
      <ol class="rota-order">
        {order.map((id, i) => (
          <li key={`${id} ${i}`}>
            <span>
              {nameOf(rota, id)}
              {people.every((person) => person.id !== id) && <span class="state wait">{t('rota_absent')}</span>}
            </span>
            <Moves name={nameOf(rota, id)} i={i} order={order} change={change} />
          </li>
        ))}
      </ol>
      <Field label={t('rota_add_person')}>
        {/* Empty again after each choice. */}
        <Select key={order.length} value="" onChoose={(id) => id && change([...order, id])}>
          <option value="">{t('rota_choose_person')}</option>
          {people
            .filter(({ id }) => !order.includes(id))
            .map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
        </Select>
      </Field>
    </div>
  );
}

interface RuleFormProps {
  /** Its place among the rules, from 0. */
  n: number;
  rule: TypedRule;
  rota: Rota;
  change: (rule: TypedRule) => void;
  remove: () => void;
}

/** From which week on, and up to which. Any day of the week will do; the hint says which Monday is meant. */
function Weeks({ rule, rota, set }: Pick<RuleFormProps, 'rule' | 'rota'> & { set: (patch: Partial<TypedRule>) => void }) {
  const name = rule.people[0] && nameOf(rota, rule.people[0]);
  const [begins, ends] = [rule.first_week, rule.ends].map((day) => (isDay(day) ? calendarDay(mondayOf(day)) : null));
  return (
    <div class="rota-fields">
      <Field label={t('rota_first_week')} hint={begins && name ? t('rota_first_week_hint', { day: begins, name }) : undefined}>
        <TextInput type="date" value={rule.first_week} onInput={(first_week) => set({ first_week })} />
      </Field>
      <Field label={t('rota_ends')} optional hint={ends ? t('rota_ends_week', { day: ends }) : t('rota_ends_hint')}>
        <TextInput type="date" value={rule.ends} onInput={(day) => set({ ends: day })} />
      </Field>
    </div>
  );
}

export function RuleForm({ n, rule, rota, change, remove }: RuleFormProps) {
  const title = t('rota_rule', { n: n + 1 });
  const set = (patch: Partial<TypedRule>): void => change({ ...rule, ...patch });
  return (
    <section class="card rota-rule" id={`rota-rule-${n}`} tabIndex={-1} aria-labelledby={`rota-rule-title-${n}`}>
      <h2 id={`rota-rule-title-${n}`} class="card-title">
        {title}
      </h2>
      {rule.turns.map((turn, i) => (
        <TurnForm
          key={`${n} ${i}`}
          n={i + 1}
          turn={turn}
          change={(next) => set({ turns: rule.turns.with(i, next) })}
          remove={rule.turns.length > 1 ? () => set({ turns: rule.turns.toSpliced(i, 1) }) : null}
        />
      ))}
      <Button onClick={() => set({ turns: [...rule.turns, { weekdays: [], start: rule.turns.at(-1)?.end ?? '', end: '', days: 0 }] })}>
        {t('rota_add_turn')}
      </Button>
      <PeopleForm rota={rota} order={rule.people} change={(order) => set({ people: order })} />
      <Options
        inline
        label={t('rota_advance')}
        value={rule.advance}
        onChoose={(advance) => set({ advance })}
        options={[
          { value: 'week', label: t('rota_advance_week') },
          { value: 'turn', label: t('rota_advance_turn') },
        ]}
      />
      <Weeks rule={rule} rota={rota} set={set} />
      <Button kind="quiet" label={`${t('rota_remove_rule')}: ${title}`} onClick={remove}>
        {t('rota_remove_rule')}
      </Button>
    </section>
  );
}
