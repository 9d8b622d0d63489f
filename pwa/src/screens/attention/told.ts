/** An entry in words, for the screen and for a file: what it was, and each value that it holds. */
import { now } from '../../state/clock.ts';
import { t, type MessageKey } from '../../state/language.ts';
import { people } from '../../state/records.ts';
import { exactly } from '../../state/times.ts';
import { program } from '../../state/session.ts';
import type { Unaccepted } from '../../state/unaccepted.ts';
import { fieldName, valueInWords } from '../coordinator/wording.ts';
import { editables } from './editing.ts';
import { whyKey } from './reasons.ts';

/** What kind of entry it is; of one that this app does not know, that it is one. */
export function kindWords(kind: string | null): string {
  const key = `att_kind_${(kind ?? '').replace('.', '_')}` as MessageKey;
  const found = t(key);
  return found === key ? t('att_kind_other') : found;
}

/** Label and value, in the order in which they were written. */
export function lines({ operation }: Unaccepted): [string, string][] {
  if (operation === null) return [];
  return editables(operation).map(({ key, field, value }) => [labelOf(key, field), field ? valueInWords(key, value) : String(value)]);
}

export const labelOf = (key: string, field: boolean): string => (field ? fieldName(key) : t(`att_part_${key}` as MessageKey));

/** Where it stands, in one sentence. */
export function standing({ row }: Unaccepted): string {
  const { receipt, corrected_at } = row;
  if (corrected_at !== undefined) return t('att_corrected', { time: exactly(corrected_at, now.value) });
  if (receipt?.status !== 'dismissed') return t(whyKey(receipt?.reason ?? null));
  const name = people.value[receipt.by ?? '']?.name;
  const by = name ? t('att_dismissed_by', { name }) : t('att_dismissed');
  return receipt.detail ? `${by} ${receipt.detail}` : by;
}

/** The whole entry as a text that a person can read, with its exact content below. */
export function fileText(entry: Unaccepted): string {
  const { row, operation } = entry;
  const head = [t('att_file_head', { program: program.value?.name ?? row.program_id }), t('att_file_warning'), ''];
  const facts = [
    `${t('att_file_what')} ${kindWords(operation?.kind ?? null)}`,
    `${t('att_file_when')} ${operation?.made_at ?? row.created_at}`,
    `${t('att_file_id')} ${row.op_id}`,
    `${t('att_file_referral')} ${row.referral_id}`,
    `${t('att_file_standing')} ${standing(entry)}`,
    '',
  ];
  const said = lines(entry).map(([label, value]) => `${label}: ${value}`);
  return [...head, ...facts, ...said, '', JSON.stringify(operation ?? row, null, 2), ''].join('\n');
}
