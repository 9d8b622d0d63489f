/** The coordinator's screens: which one the address names. */
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { route } from '../../state/router.ts';
import { LinkButton, Screen } from '../parts/index.ts';
import { isGroupName } from './assessment.ts';
import { Assessment } from './assessment.tsx';
import { Inbox } from './inbox.tsx';
import { isWithdrawn } from './reading.ts';
import { Referral } from './referral.tsx';
import './coordinator.css';

export default function Coordinator() {
  const { name, params } = route.value;
  const [id, page, group] = params;
  if (name !== 'referral' || id === undefined) return <Inbox />;
  const found = record(id);
  if (found === undefined) {
    return (
      <Screen title={t('co_title_plain')} back main={<LinkButton to="/">{t('co_inbox')}</LinkButton>}>
        <p>{t('co_gone')}</p>
      </Screen>
    );
  }
  if (page === 'assessment' && !isWithdrawn(found)) {
    return <Assessment key={id} record={found} group={isGroupName(group) ? group : undefined} />;
  }
  return <Referral key={id} record={found} />;
}
