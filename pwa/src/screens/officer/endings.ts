/** The ways in which an officer may end a referral, by what may still be said of it. Pure. */
import type { Role } from '../../domain/fields.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { standingConsent } from './acts.ts';
import { takenOver } from './taken_over.ts';

export type Ending = 'left' | 'withdraw' | 'mistake';

/** Taking the yes back is never out of reach; the rest is the program's once it has accepted the person. */
export function endings(record: Pick<ReferralRecord, 'state' | 'view'>, role: Role | undefined): Ending[] {
  if (takenOver(record, role)) {
    const waiting = Object.values(record.state.consent).some(({ kind }) => kind === 'withdrawal');
    return record.view?.consented === true && !waiting ? ['withdraw'] : [];
  }
  return standingConsent(record) !== null ? ['left', 'withdraw', 'mistake'] : ['left', 'mistake'];
}
