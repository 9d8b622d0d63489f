/** The screens of those who work at a desk: the supervisor's queue and histories, the sergeant's officers. */
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Screen } from '../parts/index.ts';
import { History } from './history.tsx';
import { Officers } from './officers.tsx';
import { Queue } from './queue.tsx';
import './desk.css';

function Supervisor() {
  const { name, params } = route.value;
  const [id, page] = name === 'referral' ? params : [];
  const found = id === undefined ? undefined : record(id);
  if (found && page === 'history') return <History key={found.id} record={found} />;
  return <Queue chosen={id} />;
}

export default function Desk() {
  switch (me.value?.role) {
    case 'supervisor':
      return <Supervisor />;
    case 'sergeant':
      return <Officers />;
    default:
      return (
        <Screen title={t('app_name')}>
          <p>{t('desk_nothing_here')}</p>
        </Screen>
      );
  }
}
