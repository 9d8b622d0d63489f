/** The columns and codes of an evaluator's rows in words. The file keeps the codes. */
import { t, type MessageKey } from '../../state/language.ts';

/** Columns whose values are words of their own; agencies and months are shown as they are. */
const CODED: readonly string[] = ['pathway', 'status', 'decision', 'minutes_to_answer'];
const EVERYWHERE: readonly string[] = ['withheld', 'not_given', 'other'];

function wordOr(key: string, code: string): string {
  const found = t(key as MessageKey);
  return found === key ? code.replaceAll('_', ' ') : found;
}

export const columnWords = (column: string): string => wordOr(`eval_column_${column}`, column);

export function valueWords(column: string, code: string): string {
  if (EVERYWHERE.includes(code)) return wordOr(`eval_${code}`, code);
  if (column === 'agency' || column === 'month') return code;
  const kind = CODED.includes(column) ? column : 'word';
  return wordOr(`eval_${kind}_${code}`, code);
}
