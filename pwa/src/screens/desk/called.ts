/** Who was called for a referral, as the server tells it, and the sentence for each line. Keeps nothing. */
import { t } from '../../state/language.ts';
import { call, isRecord } from '../../transport/client.ts';

export const CHANNELS = ['push', 'sms', 'voice', 'email', 'webhook'] as const;
export const ANSWERS = ['pending', 'sent', 'seen', 'dead', 'cancelled'] as const;
export const HAPPENED = [
  'opened', 'morning', 'after_hours', 'nobody_reachable', 'acknowledged', 'read', 'expired', 'assigned', 'left_with_card', 'closed', 'merged', 'parted',
] as const;

export interface Called {
  at: string;
  what: string;
  user_id: string | null;
  name: string;
  channel: string | null;
  outcome: string | null;
  detail: string;
}

export interface Calls {
  entries: Called[];
  earlier_left_out: boolean;
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const known = <T extends string>(codes: readonly T[], code: string | null): T | undefined => codes.find((each) => each === code);

function readEntry(each: unknown): Called[] {
  if (!isRecord(each) || typeof each['at'] !== 'string' || typeof each['what'] !== 'string') return [];
  const { at, what, user_id, channel, outcome } = each;
  return [{
    at, what, user_id: text(user_id) || null, name: text(each['name']), channel: text(channel) || null,
    outcome: text(outcome) || null, detail: text(each['detail']),
  }];
}

/** An address that could not be reached has its line already, where it was called. */
export function readCalls(answer: unknown): Calls {
  if (!isRecord(answer) || !Array.isArray(answer['entries'])) throw new TypeError('The answer holds no entries.');
  const entries = answer['entries'].flatMap(readEntry).filter(({ what }) => what !== 'undeliverable');
  return { entries, earlier_left_out: answer['earlier_left_out'] === true };
}

/** @throws Unreachable, NotOurs, Problem, TypeError */
export const askCalls = async (referral_id: string): Promise<Calls> => readCalls(await call('GET', `/api/referrals/${referral_id}/page`));

function answerWords({ outcome, detail }: Called): string {
  const answer = known(ANSWERS, outcome) ?? 'pending';
  if (answer === 'pending' && detail !== '') return t('called_answer_refused', { code: detail });
  return t(`called_answer_${answer}`, { code: detail });
}

/** A code that this version does not know is told as one, never swallowed. */
export function calledWords(entry: Called): string {
  const { what, channel, detail } = entry;
  const name = entry.name || t('called_somebody');
  if (what === 'called') {
    const whom = channel === 'webhook' ? t('called_pager') : name;
    return t('called_call', { name: whom, channel: t(`called_by_${known(CHANNELS, channel) ?? 'other'}`), answer: answerWords(entry) });
  }
  if (what === 'again') return t('called_again', { n: Number(detail) + 1 });
  const happened = known(HAPPENED, what);
  return happened === undefined ? t('called_other', { code: what }) : t(`called_${happened}`, { name });
}
