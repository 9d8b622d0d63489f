/** What a referral is called where two of them stand beside each other. */
import { t } from '../../state/language.ts';
import { shortReference } from '../../state/reference.ts';
import type { ReferralRecord } from '../../state/types.ts';

export const numberInWords = ({ number, id }: Pick<ReferralRecord, 'number' | 'id'>): string =>
  number === null ? t('merging_unnumbered', { code: shortReference(id) }) : t('merging_number', { number });
