/** A person's name as this phone knows it: from what came down with referrals, else from the program's list. */
import { t } from '../../state/language.ts';
import { people } from '../../state/records.ts';

export const nameOf = (user_id: string | undefined): string =>
  (user_id !== undefined && people.value[user_id]?.name) || t('co_somebody');
