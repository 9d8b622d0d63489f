/** The coordinator's screens: which one the address names. */
import { t } from '../../state/language.ts';
import { record } from '../../state/records.ts';
import { route } from '../../state/router.ts';
import { LinkButton, Screen } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { isGroupName } from './assessment.ts';
import { Assessment } from './assessment.tsx';
import { Inbox } from './inbox.tsx';
import { isWithdrawn } from './reading.ts';
import { Referral } from './referral.tsx';
import './coordinator.css';

const rules = lazily(() => import('./rules_room.tsx'));
const releases = lazily(() => import('./release.tsx'), 'release');
const compare = lazily(() => import('./merging_compare.tsx'), 'merging');
const administration = lazily(() => import('../administration/index.tsx'), 'desk');
const rota = lazily(() => import('../rota/index.tsx'), 'rota');
const rulesPage = lazily(() => import('../desk/rules/rules_page.tsx'), 'staff_rules');

const attention = lazily(() => import('../attention/attention.tsx'), 'attention');

export default function Coordinator() {
  const { name, params } = route.value;
  const [id, page, group] = params;
  if (name === 'rules') return <Lazy load={rulesPage} props={{}} />;
  if (name === 'attention') return <Lazy load={attention} props={{}} />;
  if (name === 'rota') return <Lazy load={rota} props={{}} />;
  if (name !== 'referral' || id === undefined) return <Inbox />;
  const found = record(id);
  if (found === undefined) {
    return (
      <Screen title={t('co_title_plain')} back main={<LinkButton to="/">{t('co_inbox')}</LinkButton>}>
        <p>{t('co_gone')}</p>
      </Screen>
    );
  }
  if (page === 'releases') return <Lazy key={`${id}/releases`} load={releases} props={{ record: found }} />;
  const other = page === 'merge' && group !== undefined ? record(group) : undefined;
  if (other !== undefined) return <Lazy key={`${id}/${group}`} load={compare} props={{ record: found, other }} />;
  if (page === 'told') return <Lazy load={administration} props={{ what: 'told', id }} />;
  if (page === 'assessment' && !isWithdrawn(found)) {
    return <Assessment key={id} record={found} group={isGroupName(group) ? group : undefined} />;
  }
  if (page === 'rules' && group !== undefined && !isWithdrawn(found)) {
    return <Lazy key={`${id}/${group}`} load={rules} props={{ record: found, group }} />;
  }
  return <Referral key={id} record={found} />;
}
