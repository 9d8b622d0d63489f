/** Linking one's account with the agency's own sign-in, and taking that back. Nothing stands here where there is none. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { askLinks, leaveToLink, unlink, type Provider } from '../../state/openid.ts';
import { Button } from '../parts/button.tsx';
import { Card } from '../parts/screen.tsx';
import { Said } from './said.tsx';
import { useWork, type Outcome } from './use_work.ts';

export function Agency() {
  const { busy, said, bad, run } = useWork();
  const [providers, setProviders] = useState<readonly Provider[]>([]);
  const look = async (): Promise<void> => setProviders(await askLinks());
  useEffect(() => void look().catch(() => undefined), []);
  const change = async ({ id, linked_at }: Provider): Promise<Outcome> => {
    if (linked_at === null) await leaveToLink(id);
    else await unlink(id).then(look);
    return null;
  };
  if (providers.length === 0) return null;
  return (
    <Card title={t('openid_title')}>
      <p>{t('agency_lead')}</p>
      {providers.map((each) => (
        <Button key={each.id} busy={busy} onClick={() => void run(() => change(each))}>
          {t(each.linked_at === null ? 'agency_link' : 'agency_unlink', { label: each.label })}
        </Button>
      ))}
      <Said said={said} bad={bad} />
    </Card>
  );
}
