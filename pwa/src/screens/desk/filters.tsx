/** Which referrals the queue shows. */
import { signal } from '@preact/signals';
import { t } from '../../state/language.ts';
import { program } from '../../state/session.ts';
import { Field, Options, useField } from '../parts/index.ts';
import { SHOWS, type Filter } from './queue.ts';

export const EVERYTHING_OPEN: Filter = { show: 'open', holder: null, agency: null };

/** Kept while the app is open: coming back from a referral finds the list as it was left. */
export const filter = signal<Filter>(EVERYTHING_OPEN);

interface Choice {
  id: string;
  name: string;
}

interface SelectProps {
  value: string | null;
  none: string;
  choices: readonly Choice[];
  onChoose: (id: string | null) => void;
}

export function Select({ value, none, choices, onChoose }: SelectProps) {
  return (
    <select class="input" {...useField()} value={value ?? ''} onChange={(event) => onChoose(event.currentTarget.value || null)}>
      <option value="">{none}</option>
      {choices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

const HOLDERS: readonly string[] = ['coordinator', 'case_manager', 'supervisor'];

export function Filters() {
  const { show, holder, agency } = filter.value;
  const set = (patch: Partial<Filter>): void => {
    filter.value = { ...filter.peek(), ...patch };
  };
  const agencies = program.value?.agencies ?? [];
  return (
    <details class="filters">
      <summary>{`${t('desk_filters')}: ${t(`desk_show_${show}`)}`}</summary>
      <Options
        inline
        label={t('desk_show')}
        options={SHOWS.map((value) => ({ value, label: t(`desk_show_${value}`) }))}
        value={show}
        onChoose={(chosen) => set({ show: chosen })}
      />
      <Field label={t('desk_coordinator')}>
        <Select
          value={holder}
          none={t('desk_everybody')}
          choices={(program.value?.people ?? []).filter(({ role }) => HOLDERS.includes(role))}
          onChoose={(id) => set({ holder: id })}
        />
      </Field>
      {agencies.length > 1 && (
        <Field label={t('desk_agency')}>
          <Select value={agency} none={t('desk_every_agency')} choices={agencies} onChoose={(id) => set({ agency: id })} />
        </Field>
      )}
    </details>
  );
}
