/** Handing over what waits here: a sealed file, or squares to scan. Nothing leaves the outbox for it. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { waiting } from '../../state/connection.ts';
import { t, tn } from '../../state/language.ts';
import { database } from '../../state/phone.ts';
import { me } from '../../state/session.ts';
import { listOutbox } from '../../storage/outbox.ts';
import { fileName, fileOf, writeFile, type OutboxFile } from '../../storage/outbox_file.ts';
import type { Bytes } from '../../storage/schema.ts';
import { Button, LinkButton } from '../parts/button.tsx';
import { Screen } from '../parts/screen.tsx';
import { canShare, download, share } from './save.ts';

interface Ready {
  file: OutboxFile;
  content: Bytes;
}

/** What waits of the person at the phone; null where nothing does. */
export async function ready(): Promise<Ready | null> {
  const { device_id, program_id } = me.peek()!;
  const rows = (await listOutbox(database, device_id)).filter(({ state }) => state === 'waiting');
  if (rows.length === 0) return null;
  const file = fileOf(device_id, program_id, rows, new Date().toISOString());
  return { file, content: await writeFile(file) };
}

export function Give() {
  const [made, setMade] = useState<Ready | null | undefined>(undefined);
  const [saved, setSaved] = useState(false);
  useEffect(() => void ready().then(setMade), [waiting.value]);
  const done = (gone: boolean): void => {
    setSaved(gone);
    if (gone) announce(t('give_saved'));
  };
  return (
    <Screen title={t('give_title')} back>
      {made === null && <p>{t('give_none')}</p>}
      {made && <Ways {...made} onDone={done} />}
      {made && saved && <p class="state good">{t('give_saved')}</p>}
      {made && <p class="soft">{t('give_stays')}</p>}
    </Screen>
  );
}

function Ways({ file, content, onDone }: Ready & { onDone: (gone: boolean) => void }) {
  const name = fileName(file);
  return (
    <>
      <p>{tn('give_count', file.records.length)}</p>
      <p>{t('give_lead')}</p>
      {canShare(content, name) && <Button onClick={() => void share(content, name).then(onDone)}>{t('give_share')}</Button>}
      <Button
        onClick={() => {
          download(content, name);
          onDone(true);
        }}
      >
        {t('give_save')}
      </Button>
      <LinkButton to="/me/phone/squares">{t('give_squares')}</LinkButton>
    </>
  );
}
