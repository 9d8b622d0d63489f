/** What comes with the evaluator: the part of a referral about the rules, and the questions that are still open. */
import type { ReferralRecord } from '../../state/types.ts';
import { Review } from './review.tsx';
import { Rules } from './rules.tsx';

/** `group`: who can know the answers; undefined shows the part within the referral. */
export default function RulesRoom({ record, group }: { record: ReferralRecord; group: string | undefined }) {
  return group === undefined ? <Rules record={record} /> : <Review record={record} group={group} />;
}
