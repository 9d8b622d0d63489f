/** How one gets in: passkeys, the code, the passphrase, a PIN, and where one is signed in. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { factorNeeded } from '../../state/since.ts';
import { Screen } from '../parts/screen.tsx';
import { Agency } from './agency.tsx';
import { Passkeys } from './passkeys.tsx';
import { Passphrase } from './passphrase.tsx';
import { Pin } from './pin.tsx';
import { Sessions } from './sessions.tsx';
import { askWays, type Ways } from './server.ts';
import { Totp } from './totp.tsx';

export default function Access() {
  const [ways, setWays] = useState<Ways | null>(null);
  const [unknown, setUnknown] = useState(false);
  const look = async (): Promise<void> => {
    const found = await askWays().catch(() => null);
    setUnknown(found === null);
    if (found !== null) setWays(found);
  };
  useEffect(() => void look(), []);
  return (
    <Screen title={t('access_title')} back>
      {unknown && <p class="state wait">{t('access_offline')}</p>}
      {factorNeeded.value && <p class="notice">{t('factor_wanted')}</p>}
      {ways && <Passkeys passkeys={ways.passkeys} look={look} />}
      {ways && <Totp on={ways.totp} look={look} />}
      <Passphrase known={ways?.passphrase ?? true} />
      <Pin />
      {ways && <Agency />}
      {ways && <Sessions />}
    </Screen>
  );
}
