/** The four groups of details. Every field is optional; every change is saved as it is made. */
import { present } from '../../state/clock.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { BASIS, CUSTODY, FIELDS, NEEDS } from '../../domain/fields.ts';
import { Choice, Field, Options, TextArea, Tick, TickList, useField, type ThreeState } from '../parts/index.ts';
import { ABOUTS, OBSERVATION_HOURS } from './acts.ts';
import type { About } from './body.ts';
import type { DetailsForm } from './form.ts';
import { Line } from './line.tsx';

type TextKey = 'name' | 'alias' | 'language' | 'contact' | 'safe_to_contact' | 'card_number' | 'case_number' | 'unit' | 'property_held';

const HINTS: { readonly [key in TextKey]?: MessageKey } = {
  contact: 'officer_hint_contact',
  safe_to_contact: 'officer_hint_safe',
  card_number: 'officer_hint_card',
};
const CAPITALS: { readonly [key in TextKey]?: 'words' | 'characters' } = {
  name: 'words', alias: 'words', language: 'words', card_number: 'characters', case_number: 'characters', unit: 'characters',
};

function Lines({ form, names }: { form: DetailsForm; names: readonly TextKey[] }) {
  return names.map((name) => {
    const hint = HINTS[name];
    return (
      <Line
        key={name}
        label={t(`officer_field_${name}`)}
        hint={hint && t(hint)}
        autoCapitalize={CAPITALS[name] ?? 'sentences'}
        enterKeyHint="next"
        maxLength={FIELDS[name][2]!}
        value={form.text(name)}
        onInput={(text) => form.set(name, text)}
      />
    );
  });
}

export function PersonPage({ form }: { form: DetailsForm }) {
  const setAge = (text: string): void => {
    const digits = text.replace(/\D/g, '');
    form.set('age_years', digits === '' ? null : Number(digits));
  };
  return (
    <>
      <Lines form={form} names={['name', 'alias']} />
      <div class="pair">
        <Line
          id="details-age_years"
          label={t('officer_field_age_years')}
          inputMode="numeric"
          enterKeyHint="next"
          maxLength={3}
          value={form.text('age_years')}
          onInput={setAge}
        />
        <Line
          id="details-birth_date"
          label={t('officer_field_birth_date')}
          type="date"
          value={form.text('birth_date')}
          onInput={(text) => form.set('birth_date', text)}
        />
      </div>
      <Lines form={form} names={['language', 'contact', 'safe_to_contact']} />
    </>
  );
}

export function NeedsPage({ form }: { form: DetailsForm }) {
  const needs = form.value('needs');
  return (
    <>
      <TickList
        label={t('officer_needs')}
        options={NEEDS.map((value) => ({ value, label: t(`officer_need_${value}`) }))}
        values={Array.isArray(needs) ? (needs as (typeof NEEDS)[number][]) : []}
        onChange={(values) => form.set('needs', values)}
      />
      <p class="hint">{t('officer_needs_hint')}</p>
      <Safety form={form} />
    </>
  );
}

function Safety({ form }: { form: DetailsForm }) {
  const { safety } = form.body;
  const tick = (about: About, on: boolean): void => {
    const others = safety.filter((each) => each.about !== about);
    form.change({ safety: on ? [...others, { about, text: '', observed_at: new Date(present()).toISOString() }] : others });
  };
  const write = (about: About, text: string): void =>
    form.change({ safety: safety.map((each) => (each.about === about ? { ...each, text } : each)) });
  return (
    <fieldset class="options">
      <legend>{t('officer_safety')}</legend>
      <p class="hint">{t('officer_safety_hint', { hours: OBSERVATION_HOURS })}</p>
      <div class="rows">
        {ABOUTS.map((about) => {
          const seen = safety.find((each) => each.about === about);
          return (
            <div key={about}>
              <Tick checked={seen !== undefined} onChange={(on) => tick(about, on)}>
                {t(`officer_safety_${about}`)}
              </Tick>
              {seen && (
                <Line label={t('officer_safety_what')} maxLength={300} value={seen.text} onInput={(text) => write(about, text)} />
              )}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}

export function CasePage({ form }: { form: DetailsForm }) {
  const held = form.value('paperwork_held');
  return (
    <>
      <Lines form={form} names={['card_number']} />
      <Field label={t('officer_note')} hint={t('officer_note_hint')}>
        <TextArea maxLength={16_000} value={form.body.note} onInput={(note) => form.change({ note })} />
      </Field>
      <Lines form={form} names={['case_number', 'unit']} />
      {form.pathway === 'social_contact' ? (
        <Social form={form} />
      ) : (
        <>
          <Options
            label={t('officer_custody')}
            options={CUSTODY.map((value) => ({ value, label: t(`officer_custody_${value}`) }))}
            value={form.value('custody') as (typeof CUSTODY)[number] | null}
            onChoose={(value) => form.set('custody', value)}
          />
          <Choice
            withoutUnknown
            label={t('officer_paperwork')}
            value={held === null ? null : held ? 'yes' : 'no'}
            onChoose={(value) => form.set('paperwork_held', value === 'yes')}
          />
          <Lines form={form} names={['property_held']} />
        </>
      )}
    </>
  );
}

function Social({ form }: { form: DetailsForm }) {
  return (
    <>
      <Options
        label={t('officer_basis')}
        options={BASIS.map((value) => ({ value, label: t(`officer_basis_${value}`) }))}
        value={form.value('basis') as (typeof BASIS)[number] | null}
        onChoose={(value) => form.set('basis', value)}
      />
      <Line
        label={t('officer_last_conduct')}
        type="date"
        value={form.text('last_conduct_on')}
        onInput={(text) => form.set('last_conduct_on', text)}
      />
      <Choice
        label={t('officer_within_area')}
        value={form.value('within_area') as ThreeState | null}
        onChoose={(value) => form.set('within_area', value)}
      />
    </>
  );
}

const FIGURES = {
  race: ['american_indian', 'asian', 'black', 'middle_eastern', 'pacific_islander', 'white', 'more_than_one', 'other', 'unknown'],
  ethnicity: ['hispanic', 'not_hispanic', 'unknown'],
  gender: ['woman', 'man', 'nonbinary', 'other', 'unknown'],
} as const;

/** What the person says and what the officer sees are two different facts and stay apart. */
export function FiguresPage({ form }: { form: DetailsForm }) {
  return (
    <>
      <p class="hint">{t('officer_figures_hint')}</p>
      {(['self', 'observed'] as const).map((told) => (
        <section key={told} class="stack">
          <h2>{t(`officer_figures_${told}`)}</h2>
          {(Object.keys(FIGURES) as (keyof typeof FIGURES)[]).map((figure) => (
            <Field key={figure} label={t(`officer_figure_${figure}`)}>
              <Select
                value={form.text(`${figure}_${told}`)}
                options={FIGURES[figure].map((value) => ({ value, label: t(`officer_is_${value}`) }))}
                onChoose={(value) => form.set(`${figure}_${told}`, value)}
              />
            </Field>
          ))}
        </section>
      ))}
    </>
  );
}

interface SelectProps {
  value: string;
  options: { value: string; label: string }[];
  onChoose: (value: string) => void;
}

function Select({ value, options, onChoose }: SelectProps) {
  return (
    <select class="input" {...useField()} autoComplete="off" value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      <option value="">{t('officer_not_recorded')}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}
