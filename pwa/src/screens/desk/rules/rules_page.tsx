/** The program's rules at a desk: the pack in force and its history to read and print; for the administrator, installing one. */
import { useEffect, useState } from 'preact/hooks';
import { connection, syncNow } from '../../../state/connection.ts';
import { t } from '../../../state/language.ts';
import { go, route } from '../../../state/router.ts';
import { me, program } from '../../../state/session.ts';
import { isPack, usePack, type Found } from '../../coordinator/pack.ts';
import { Button, LinkButton, Screen } from '../../parts/index.ts';
import { Install } from './install.tsx';
import { PackSheet } from './pack_sheet.tsx';
import { askVersions, type PackList } from './server.ts';
import { Changes, Versions } from './versions.tsx';
import './rules.css';

type Asked = PackList | 'asking' | 'unreachable';

function useVersions(): [Asked, () => void] {
  const [asked, setAsked] = useState<Asked>('asking');
  const [attempt, setAttempt] = useState(0);
  const connected = connection.value === 'connected';
  useEffect(() => {
    let current = true;
    askVersions().then(
      (found) => current && setAsked(found),
      () => current && setAsked('unreachable'),
    );
    return () => {
      current = false;
    };
  }, [attempt, connected]);
  return [asked, () => setAttempt((n) => n + 1)];
}

/** Why a pack cannot be read now. */
function Missing({ found }: { found: Found | null }) {
  return isPack(found) ? null : <p class="state wait">{t(`rules_pack_${found ?? 'none'}`)}</p>;
}

function Reading({ hash }: { hash: string }) {
  const found = usePack(hash);
  return (
    <Screen title={t('rules_title', { program: program.value?.name ?? '' })} back={() => go('/rules')}>
      <Missing found={found} />
      {isPack(found) && <Sheet found={found} />}
    </Screen>
  );
}

function Sheet({ found }: { found: Parameters<typeof PackSheet>[0]['found'] }) {
  return (
    <>
      <Button onClick={() => globalThis.print()}>{t('print')}</Button>
      <PackSheet found={found} />
    </>
  );
}

function Comparing({ hash, former }: { hash: string; former: string }) {
  const [newer, older] = [usePack(hash), usePack(former)];
  return (
    <Screen title={t('rules_changes')} back={() => go('/rules')}>
      <Missing found={newer} />
      <Missing found={older} />
      {isPack(newer) && isPack(older) && (
        <>
          <p>{t('rules_compared', { newer: newer.document.version, older: older.document.version })}</p>
          <Changes from={older.document} to={newer.document} />
          <Button onClick={() => globalThis.print()}>{t('print')}</Button>
        </>
      )}
    </Screen>
  );
}

/** The pack in force is on the device; the list of versions is the server's to tell. */
function Overview({ asked, again }: { asked: Asked; again: () => void }) {
  const standing = typeof asked === 'object' ? asked.in_force : null;
  const found = usePack(standing);
  const administrator = me.value?.role === 'administrator';
  return (
    <Screen
      title={t('rules_title', { program: program.value?.name ?? '' })}
      back={() => go('/')}
      main={administrator && <LinkButton kind="act" to="/rules/install">{t('rules_install_title')}</LinkButton>}
    >
      <section class="stack no-print" aria-labelledby="versions">
        <h2 id="versions">{t('rules_versions')}</h2>
        {asked === 'asking' && <p class="soft">{t('rules_asking')}</p>}
        {asked === 'unreachable' && (
          <>
            <p class="state wait">{t('rules_versions_offline')}</p>
            <Button onClick={again}>{t('try_again')}</Button>
          </>
        )}
        {typeof asked === 'object' && <Versions packs={asked.packs} done={again} />}
      </section>
      {!administrator && (
        <>
          <h2 class="no-print">{t('rules_now')}</h2>
          <Missing found={found} />
          {isPack(found) && <Sheet found={found} />}
        </>
      )}
    </Screen>
  );
}

export default function RulesPage() {
  const [asked, again] = useVersions();
  const [first, second] = route.value.name === 'rules' ? route.value.params : [];
  const changed = (): void => {
    again();
    // The program's document says which pack is in force.
    void syncNow();
  };
  if (first === 'install' && me.value?.role === 'administrator') return <Install done={changed} />;
  if (first && second) return <Comparing key={`${first}/${second}`} hash={first} former={second} />;
  if (first && first !== 'install') return <Reading key={first} hash={first} />;
  return <Overview asked={asked} again={changed} />;
}
