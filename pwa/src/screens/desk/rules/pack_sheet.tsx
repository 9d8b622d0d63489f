/** A pack as people read and sign it: its own sentences, who knows the answer, what follows, and where it comes from. */
import type { ComponentChildren } from 'preact';
import { factsRead } from '../../../rules/compile.ts';
import type { Charge, Fact, Hours, Pack, PackDocument, Practice, Rule, Text } from '../../../rules/model.ts';
import { shownLanguage, t } from '../../../state/language.ts';
import { date } from '../../../state/times.ts';

/** A day belongs to no time zone: noon UTC is that day wherever programs are. */
export const day = (iso: string): string => date(`${iso}T12:00:00Z`);

const words = (text: Text): string => text[shownLanguage.value];

const listed = (all: readonly string[]): string => new Intl.ListFormat(shownLanguage.value, { style: 'long' }).format(all);

export function inForceWords(begins: string, until: string | null): string {
  return until === null ? t('rules_from', { day: day(begins) }) : t('rules_from_until', { day: day(begins), until: day(until) });
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="pack-part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Rows({ rows }: { rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.flatMap(([label, value]) => [<dt key={`${label}-label`}>{label}</dt>, <dd key={label}>{value}</dd>])}
    </dl>
  );
}

function Questions({ pack, ids }: { pack: Pack; ids: readonly string[] }) {
  const facts = pack.facts.filter(({ id }) => ids.includes(id));
  return (
    <ul class="pack-questions">
      {facts.map((fact: Fact) => (
        <li key={fact.id}>
          {words(fact.question)} <span class="soft">{t(`rules_knows_${fact.asked_of}`)}</span>
        </li>
      ))}
    </ul>
  );
}

function ChargeItem({ pack, charge }: { pack: Pack; charge: Charge }) {
  const level = charge.level === 'not_stated' ? null : t(`rules_level_${charge.level}`);
  return (
    <li>
      <strong>{words(charge.title)}</strong> <span class="soft">{[level, charge.class, charge.statute].filter(Boolean).join(' · ')}</span>
      {charge.conditions.length > 0 && <Questions pack={pack} ids={charge.conditions} />}
      <span class="hint">{charge.cite}</span>
    </li>
  );
}

/** The sentence is what people hear where the rule does not hold; it may say the rule or what is the matter, so both are told apart. */
function follows({ tier, override_by }: Rule): string {
  const role = override_by === null ? '' : t(`rules_by_${override_by}`);
  return t(tier === 'presumed_out' && override_by === null ? 'rules_follows_presumed_out_nobody' : `rules_follows_${tier}`, { role });
}

function RuleItem({ pack, rule }: { pack: Pack; rule: Rule }) {
  const facts = [...(rule.when === null ? [] : factsRead(rule.when)), ...factsRead(rule.must)];
  return (
    <li>
      <strong>{t('rules_quoted', { words: words(rule.why) })}</strong>
      <p>{follows(rule)}</p>
      <p class="soft">{t('rules_depends')}</p>
      <Questions pack={pack} ids={facts} />
      <p class="soft">{t('rules_applies', { pathways: listed(rule.applies_to.map((each) => t(`rules_pathway_${each}`))) })}</p>
      <span class="hint">{rule.cite}</span>
    </li>
  );
}

// The first of January 2024 was a Monday.
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

function hoursWords({ days, from, until }: Hours): string {
  const weekday = new Intl.DateTimeFormat(shownLanguage.value, { weekday: 'long', timeZone: 'UTC' });
  const named = days.map((each) => weekday.format(Date.UTC(2024, 0, 1 + DAYS.indexOf(each))));
  return t(until <= from ? 'rules_hours_next_day' : 'rules_hours', { days: listed(named), from, until });
}

function PracticeRows({ practice }: { practice: Practice }) {
  const { officer_decides, intake, notice_to_officer, service_hours, languages, consent_scripts } = practice;
  const names = new Intl.DisplayNames(shownLanguage.value, { type: 'language' });
  const hours = typeof service_hours === 'string' ? t(`rules_hours_${service_hours}`) : service_hours.map(hoursWords).join('; ');
  const due = intake && `${t('rules_intake_days', { n: intake.days })} ${words(intake.if_missed)} (${intake.cite})`;
  return (
    <Rows
      rows={[
        [t('rules_practice_officer_decides'), t(`rules_decides_${officer_decides}`)],
        [t('rules_practice_intake'), due ?? t('rules_intake_none')],
        [t('rules_practice_notice_to_officer'), t(`rules_notice_${notice_to_officer}`)],
        [t('rules_practice_service_hours'), hours],
        [t('rules_practice_languages'), listed(languages.map((code) => names.of(code) ?? code))],
        [t('rules_practice_consent_scripts'), consent_scripts.join(', ')],
      ]}
    />
  );
}

function Approvals({ practice: { approvals } }: Pack) {
  if (approvals.length === 0) return <p>{t('rules_approvals_none')}</p>;
  return (
    <ul class="pack-list">
      {approvals.map(({ id, text, by, when, cite }) => (
        <li key={id}>
          <strong>{words(text)}</strong>
          <p>{t(`rules_when_${when}`, { role: t(`rules_by_${by}`) })}</p>
          <span class="hint">{cite}</span>
        </li>
      ))}
    </ul>
  );
}

/** On paper alone. Who signs has the hash before them, so that a later change cannot pass for what was signed. */
function Signatures({ hash, version }: { hash: string; version: string }) {
  return (
    <section class="signatures print-only">
      <p>{t('rules_signed', { version })}</p>
      <p class="hash">{hash}</p>
      {(['manager', 'attorney'] as const).map((who) => (
        <p key={who} class="signature-line">
          {t(`rules_sign_${who}`)} · {t('rules_sign_date')}
        </p>
      ))}
    </section>
  );
}

export function PackSheet({ found: { hash, document: pack } }: { found: PackDocument }) {
  const charges = pack.charges.toSorted((a, b) => a.order - b.order);
  return (
    <article class="pack stack">
      {!pack.official && <p class="state wait">{t('rules_unofficial')}</p>}
      <Rows
        rows={[
          [t('rules_version'), pack.version],
          [t('rules_in_force'), inForceWords(pack.effective_from, pack.effective_until)],
          [t('rules_source'), pack.source],
          [t('rules_hash'), <span class="hash">{hash}</span>],
        ]}
      />
      {pack.unverified.length > 0 && (
        <Part title={t('rules_unverified')}>
          <ul class="pack-list">
            {pack.unverified.map((note) => (
              <li key={note.en}>{words(note)}</li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t('rules_pathways')}>
        <Rows
          rows={Object.entries(pack.pathways).map(([pathway, who]) => [
            t(`rules_pathway_${pathway as keyof Pack['pathways']}`),
            who.length === 0 ? t('rules_who_nobody') : listed(who.map((each) => t(`rules_who_${each}`))),
          ])}
        />
        <p>{t('rules_way_on', { text: words(pack.way_on) })}</p>
      </Part>
      <Part title={t('rules_rules')}>
        <ol class="pack-list">
          {pack.rules.map((rule) => (
            <RuleItem key={rule.id} pack={pack} rule={rule} />
          ))}
        </ol>
      </Part>
      <Part title={t('rules_charges')}>
        {charges.length === 0 && <p>{t('rules_charges_none')}</p>}
        <ul class="pack-list">
          {charges.map((charge) => (
            <ChargeItem key={charge.code} pack={pack} charge={charge} />
          ))}
        </ul>
      </Part>
      <Part title={t('rules_approvals')}>
        <Approvals {...pack} />
      </Part>
      <Part title={t('rules_practice')}>
        <PracticeRows practice={pack.practice} />
      </Part>
      <Signatures hash={hash} version={pack.version} />
    </article>
  );
}
