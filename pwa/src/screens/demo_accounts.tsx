/** In demo mode: who can be tried, filled in with one tap. */
import { t } from '../state/language.ts';
import { bootstrap } from '../state/session.ts';
import type { DemoAccount } from '../state/types.ts';
import { Button } from './parts/button.tsx';
import { Card } from './parts/screen.tsx';

export default function DemoAccounts({ onChoose }: { onChoose: (account: DemoAccount) => void }) {
  const accounts = bootstrap.value?.accounts ?? [];
  const programs = [...new Set(accounts.map((account) => account.program))];
  return (
    <Card title={t('demo_accounts')}>
      <p class="hint">{t('demo_accounts_hint')}</p>
      {programs.map((program) => (
        <details key={program} open={program === programs[0]}>
          <summary>{program}</summary>
          <div class="actions">
            {accounts
              .filter((account) => account.program === program)
              .map((account) => (
                <Button key={account.login} onClick={() => onChoose(account)}>
                  <span>
                    {account.name} <span class="hint">{t(`role_${account.role}`)}</span>
                  </span>
                </Button>
              ))}
          </div>
        </details>
      ))}
    </Card>
  );
}
