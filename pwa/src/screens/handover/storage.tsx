/** The phone as a place where things are kept: how full, what takes the room, whether it stays, and the ways to make less wait. */
import { useEffect, useState } from 'preact/hooks';
import { appVersion, askPersistence, install, installPrompt, isApple, persisted, standalone } from '../../state/app.ts';
import { waiting } from '../../state/connection.ts';
import { shownLanguage, t, tn } from '../../state/language.ts';
import { database } from '../../state/phone.ts';
import { storageLevel } from '../../state/storage_level.ts';
import { measure, type Taken } from '../../storage/measure.ts';
import { AppleSteps } from '../allow.tsx';
import { Button, LinkButton } from '../parts/button.tsx';
import { Card, Screen } from '../parts/screen.tsx';

interface Reading {
  taken: Taken;
  usage: number;
  /** 0 where the browser does not say. */
  quota: number;
}

async function read(): Promise<Reading> {
  const [taken, estimate] = await Promise.all([measure(database), navigator.storage?.estimate?.().catch(() => undefined)]);
  return { taken, usage: estimate?.usage ?? 0, quota: estimate?.quota ?? 0 };
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** A size in words of the language: "412 kB". */
function size(bytes: number): string {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const format = { style: 'unit', unit: UNITS[step]!, maximumFractionDigits: step > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(shownLanguage.value, format).format(bytes / 1000 ** step);
}

export function Storage() {
  return (
    <Screen title={t('handover_title')} back>
      <p>{waiting.value > 0 ? tn('waiting', waiting.value) : t('give_none')}</p>
      <LinkButton to="/me/phone/give">{t('give_title')}</LinkButton>
      <LinkButton to="/me/phone/bring">{t('bring_title')}</LinkButton>
      <Meter />
      <Kept />
      <HomeScreen />
      <p class="hint">{t('version', { version: appVersion })}</p>
    </Screen>
  );
}

function Meter() {
  const [reading, setReading] = useState<Reading | null>(null);
  const level = storageLevel.value;
  // Read again when what waits has changed, which it may while the screen is open.
  useEffect(() => void read().then(setReading, () => undefined), [waiting.value, level]);
  if (reading === null) return null;
  const { taken, usage, quota } = reading;
  return (
    <Card title={t('meter_title')} tone={level === 'fine' ? undefined : level === 'high' ? 'wait' : 'bad'}>
      {quota > 0 && (
        <>
          <p id="meter-words">{t('meter_used', { used: size(usage), of: size(quota) })}</p>
          <meter aria-labelledby="meter-words" value={usage} max={quota} high={quota * 0.8} optimum={0} />
        </>
      )}
      <ul class="plain">
        <li>{t('meter_outbox', { size: size(taken.outbox) })}</li>
        <li>{t('meter_drafts', { size: size(taken.drafts) })}</li>
        <li>{t('meter_views', { size: size(taken.views) })}</li>
        {taken.carried > 0 && <li>{t('meter_carried', { size: size(taken.carried) })}</li>}
      </ul>
      <p class={level === 'spent' ? 'state bad' : 'soft'}>{t(level === 'spent' ? 'reserve_spent' : 'reserve_there')}</p>
    </Card>
  );
}

function Kept() {
  const [refused, setRefused] = useState(false);
  return (
    <Card title={t('kept_title')}>
      <p>{t(persisted.value ? 'storage_kept' : 'storage_not_kept')}</p>
      {!persisted.value && (
        <Button onClick={() => void askPersistence().then((kept) => setRefused(!kept))}>{t('storage_ask')}</Button>
      )}
      {refused && !persisted.value && <p role="status">{t('storage_refused')}</p>}
    </Card>
  );
}

function HomeScreen() {
  return (
    <Card title={t('install_title')}>
      {standalone() ? (
        <p>{t('install_done')}</p>
      ) : (
        <>
          <p>{t('install_lead')}</p>
          {installPrompt.value ? (
            <Button onClick={() => void install()}>{t('install_now')}</Button>
          ) : isApple() ? (
            <AppleSteps />
          ) : (
            <p>{t('install_menu')}</p>
          )}
        </>
      )}
    </Card>
  );
}
