/**
 * Codes and values in words: the names of fields, and any value of a register as one line a person can compare.
 *
 * Uses the dictionaries and the names this phone knows; decides nothing.
 */
import { t, shownLanguage, type MessageKey } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { program } from '../../state/session.ts';
import { date, exactly } from '../../state/times.ts';
import { now } from '../../state/clock.ts';
import { NEVER } from '../../rules/model.ts';
import { nameOf } from './names.ts';

export type CodeKind =
  | 'need' | 'about' | 'pathway' | 'outcome' | 'custody' | 'handoff' | 'decision' | 'close' | 'how' | 'result' | 'status'
  | 'confirmed' | 'answer' | 'ask' | 'group' | 'field' | 'reader' | 'line' | 'left';

/** "12 min", "3 h 5 min", "4 d": as exact as somebody waiting needs it. */
export function lengthInWords(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return t('co_minutes', { n: minutes });
  return hours < 48 ? t('co_hours', { h: hours, n: minutes % 60 }) : t('co_days', { n: Math.floor(hours / 24) });
}

/** A code of the vocabulary in words; an unknown one (a newer server) is shown as it is. */
export function word(kind: CodeKind, code: string): string {
  const key = `co_${kind}_${code}`;
  const found = t(key as MessageKey);
  return found === key ? code.replaceAll('_', ' ') : found;
}

export function fieldName(key: string): string {
  if (key.startsWith('assessment.')) return word('ask', key.slice('assessment.'.length));
  return /^(race|ethnicity|gender)_/.test(key) ? t('co_field_demographics') : word('field', key);
}

interface Charge {
  code: string;
  title: { en: string; es: string };
}

/** The program's own title of a charge. */
export function chargeTitle(code: string): string {
  const charges = (program.value?.pack?.document as { charges?: Charge[] } | undefined)?.charges ?? [];
  return charges.find((charge) => charge.code === code)?.title[shownLanguage.value] ?? code.replaceAll('_', ' ');
}

/** Answers to the questions of the program's rules, each with its question: so that two sets of them can be told apart. */
function answersInWords(answers: Readonly<Record<string, unknown>>): string {
  const facts = program.value?.pack?.document.facts ?? [];
  const said = (value: unknown): string => {
    if (value === null) return t('dont_know');
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    return value === NEVER ? t('co_never') : [value].flat().join(', ').replaceAll('_', ' ');
  };
  const told = Object.entries(answers).map(([id, value]) => {
    const question = facts.find((fact) => fact.id === id)?.question[shownLanguage.value] ?? id.replaceAll('_', ' ');
    return `${question} ${said(value)}`;
  });
  return told.join(' · ') || t('co_conflict_empty');
}

/** A language by its code, in the language of the screen; free text stays as it was written. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(shownLanguage.value, { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "30 April 1990": a calendar date belongs to no time zone. */
export const calendarDate = (iso: string): string => date(`${iso}T12:00:00Z`);

const DATES: readonly string[] = ['birth_date', 'last_conduct_on', 'due_on', 'intake_on'];
const THREE: Record<string, MessageKey> = { yes: 'yes', no: 'no', unknown: 'dont_know' };

interface Parts {
  user_id?: string;
  eta_minutes?: number | null;
  outcome?: string;
  reason?: string | null;
  answer?: string;
  text?: string;
  latitude_e6?: number;
  longitude_e6?: number;
}

function partsInWords(key: string, parts: Parts): string {
  switch (key) {
    case 'holder': {
      const eta = parts.eta_minutes == null ? '' : ` · ${t('co_minutes', { n: parts.eta_minutes })}`;
      return nameOf(parts.user_id) + eta;
    }
    case 'departure':
      return word('left', parts.reason ?? '');
    case 'handoff':
      return word('handoff', parts.outcome ?? '');
    case 'decision':
      return [word('decision', parts.outcome ?? ''), parts.reason].filter(Boolean).join(' · ');
    case 'closure':
      return word('close', parts.reason ?? '');
    case 'confirmation':
      return word('confirmed', parts.answer ?? '');
    case 'determination':
      return word('outcome', parts.outcome ?? '');
    case 'facts':
    case 'review_facts':
      return answersInWords({ ...parts });
    case 'gps':
      return position(parts);
    default:
      if (key.startsWith('assessment.')) return [word('answer', parts.answer ?? ''), parts.text].filter(Boolean).join(' · ');
      return t('co_other_value');
  }
}

const position = ({ latitude_e6 = 0, longitude_e6 = 0 }: Parts): string =>
  `${(latitude_e6 / 1e6).toFixed(5)}, ${(longitude_e6 / 1e6).toFixed(5)}`;

/** Any value of any register as one line. */
export function valueInWords(key: string, value: unknown): string {
  if (value === null || value === undefined || value === '') return t('co_conflict_empty');
  if (Array.isArray(value)) {
    const each = value.map((code) => (key === 'needs' ? word('need', String(code)) : chargeTitle(String(code))));
    return each.join(', ') || t('co_conflict_empty');
  }
  if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
  if (typeof value === 'object') return partsInWords(key, value as Parts);
  const text = String(value);
  if (key === 'merged_into') return t('co_title', { number: record(text)?.number ?? text });
  if (key === 'wait_minutes') return t('co_minutes', { n: text });
  if (key === 'status' || key === 'custody') return word(key, text);
  if (DATES.includes(key)) return calendarDate(text);
  if (key === 'incident_at') return exactly(text, now.value);
  if (key === 'language') return languageName(text);
  const three = THREE[text];
  return three !== undefined && (key === 'within_area' || key === 'person_knows') ? t(three) : text;
}
