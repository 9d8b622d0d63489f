/** The values of an entry, opened again to be edited: what is a text can be changed, and a field can be left out. Pure. */
import { FIELDS, LIMITS, type FieldKey } from '../../domain/fields.ts';
import type { Envelope } from '../../domain/operation.ts';
import { typedTexts } from './reasons.ts';

/** One value. `text` is what was typed, null where the value is no text; `long` texts get several lines. */
export interface Editable {
  key: string;
  /** A field of the referral, which can be left out, rather than a part of an act. */
  field: boolean;
  value: unknown;
  text: string | null;
  limit: number;
  long: boolean;
  keep: boolean;
}

const NUMBERS: readonly string[] = ['wait_minutes', 'age_years'];

const asText = (key: string, value: unknown): string | null => {
  if (typeof value === 'string') return value;
  return NUMBERS.includes(key) && (typeof value === 'number' || value === null) ? String(value ?? '') : null;
};

function limitOf(key: string): number {
  return FIELDS[key as FieldKey]?.[2] ?? LIMITS.text;
}

/** What an entry says, as it can be edited. */
export function editables({ kind, payload }: Envelope): Editable[] {
  if ('fields' in payload) {
    return Object.entries(payload.fields).map(([key, value]) => {
      const limit = limitOf(key);
      return { key, field: true, value, text: asText(key, value), limit, long: limit > LIMITS.text / 2, keep: true };
    });
  }
  const said = payload as unknown as Record<string, unknown>;
  return typedTexts(kind).flatMap((key) => {
    const text = said[key];
    if (typeof text !== 'string') return [];
    const long = key === 'text';
    return [{ key, field: false, value: text, text, limit: long && kind !== 'safety.add' ? LIMITS.note : LIMITS.text, long, keep: true }];
  });
}

/** What is wrong with the values as they stand, by key; empty where nothing is. */
export function faults(list: readonly Editable[]): Map<string, 'too_long' | 'no_number' | 'nothing'> {
  const found = new Map<string, 'too_long' | 'no_number' | 'nothing'>();
  for (const { key, text, limit, keep } of list) {
    if (!keep || text === null) continue;
    if (text.length > limit) found.set(key, 'too_long');
    else if (NUMBERS.includes(key) && !/^\d*$/.test(text.trim())) found.set(key, 'no_number');
  }
  if (list.some(({ field }) => field) && list.every(({ keep }) => !keep)) found.set(list[0]!.key, 'nothing');
  return found;
}

function written({ key, text, value }: Editable): unknown {
  if (text === null) return value;
  const clean = text.trim();
  if (NUMBERS.includes(key)) return clean === '' ? null : Number(clean);
  return clean === '' ? null : clean;
}

/** The payload of the new operation. A referral that was refused is begun for the author's own agency. */
export function payloadOf({ kind, payload }: Envelope, list: readonly Editable[], agency_id: string | null): object {
  if (kind === 'referral.create') return { ...payload, agency_id: payload.pathway === 'community' ? null : agency_id };
  const kept = list.filter(({ keep }) => keep);
  const values = Object.fromEntries(kept.map((each) => [each.key, written(each)]));
  return 'fields' in payload ? { fields: values } : { ...payload, ...values };
}
