/** The screens of those who work at a desk: queue and histories, the sergeant's officers, approvals, and the rules. */
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { route } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { Screen } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Prosecutor } from './approvals.tsx';
import { History } from './history.tsx';
import { Officers } from './officers.tsx';
import { Queue } from './queue.tsx';
import './desk.css';

const administration = lazily(() => import('../administration/index.tsx'));
const rota = lazily(() => import('../rota/index.tsx'), 'rota');
const attention = lazily(() => import('../attention/attention.tsx'), 'attention', 'coordinator');
const rules = lazily(() => import('./rules/rules_page.tsx'), 'staff_rules');

function Supervisor() {
  const { name, params } = route.value;
  if (name === 'attention') return <Lazy load={attention} props={{}} />;
  if (name === 'rota') return <Lazy load={rota} props={{}} />;
  if (name !== '' && name !== 'referral') return <Lazy load={administration} props={{ what: 'room' }} />;
  const [id, page] = name === 'referral' ? params : [];
  const found = id === undefined ? undefined : record(id);
  if (found && page === 'history') return <History key={found.id} record={found} />;
  return <Queue chosen={id} />;
}

export default function Desk() {
  const role = me.value?.role;
  if (route.value.name === 'rules' && role !== 'evaluator') return <Lazy load={rules} props={{}} />;
  switch (role) {
    case 'administrator':
      return <Lazy load={administration} props={{ what: 'room' }} />;
    case 'supervisor':
      return <Supervisor />;
    case 'sergeant':
      return <Officers />;
    case 'prosecutor':
      return <Prosecutor />;
    case 'evaluator':
      return <Lazy load={administration} props={{ what: 'evaluation' }} />;
    default:
      return (
        <Screen title={t('app_name')}>
          <p>{t('desk_nothing_here')}</p>
        </Screen>
      );
  }
}
