/** Bringing colleagues' records: taken from a file or from squares, kept sealed, sent, and how far each has come. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { connection } from '../../state/connection.ts';
import { t, tn } from '../../state/language.ts';
import { database } from '../../state/phone.ts';
import { me } from '../../state/session.ts';
import { carriages, dropCarried, takeOver, type Carriage } from '../../storage/carried.ts';
import { readDevice } from '../../storage/devices.ts';
import { FILE_ENDING, readFile, UnreadableFile } from '../../storage/outbox_file.ts';
import type { Bytes } from '../../storage/schema.ts';
import { carry, type CarryOutcome } from '../../transport/carry.ts';
import { Button, LinkButton } from '../parts/button.tsx';
import { Card, Screen } from '../parts/screen.tsx';

const FAULTS = { damaged: 'bring_damaged', foreign: 'bring_foreign', newer: 'bring_newer' } as const;
const OUTCOMES = { offline: 'bring_offline', unknown: 'bring_unknown', sign_in: 'bring_sign_in' } as const;

/** Keeps what the file holds; what to say about it. */
export async function accept(content: Bytes): Promise<{ good: boolean; said: string }> {
  try {
    const file = await readFile(content);
    if (file.program_id !== me.peek()?.program_id) return { good: false, said: t('bring_other_program') };
    if ((await readDevice(database, file.device_id)) !== undefined) return { good: false, said: t('bring_own') };
    const added = await takeOver(database, file, new Date().toISOString());
    return { good: true, said: added > 0 ? tn('bring_taken', added) : t('bring_known') };
  } catch (error) {
    if (error instanceof UnreadableFile) return { good: false, said: t(FAULTS[error.fault]) };
    return { good: false, said: t('bring_no_room') };
  }
}

export function Bring() {
  const [list, setList] = useState<readonly Carriage[]>([]);
  const [said, setSaid] = useState<{ good: boolean; said: string } | null>(null);
  const [outcome, setOutcome] = useState<CarryOutcome>('done');
  const [busy, setBusy] = useState(false);
  const look = async (): Promise<void> => setList(await carriages(database, Date.now()));
  const send = async (): Promise<void> => {
    setBusy(true);
    await look();
    setOutcome(await carry(database, me.peek()!.device_id));
    await look();
    setBusy(false);
  };
  useEffect(() => void send(), [connection.value]);
  const open = async (file: File): Promise<void> => {
    const heard = await accept(new Uint8Array(await file.arrayBuffer()));
    setSaid(heard);
    announce(heard.said);
    await send();
  };
  const waits = list.some(({ waiting }) => waiting > 0);
  return (
    <Screen title={t('bring_title')} back>
      <p>{t('bring_lead')}</p>
      <Picker onFile={(file) => void open(file)} />
      <LinkButton to="/me/phone/scan">{t('bring_scan')}</LinkButton>
      {said && <p class={`state ${said.good ? 'good' : 'bad'}`}>{said.said}</p>}
      {list.map((one) => <Progress key={one.device_id} one={one} onDrop={() => void dropCarried(database, one.device_id).then(look)} />)}
      {waits && outcome !== 'done' && <p class="state wait">{t(OUTCOMES[outcome])}</p>}
      {waits && (
        <Button busy={busy} onClick={() => void send()}>
          {t('bring_send')}
        </Button>
      )}
    </Screen>
  );
}

function Picker({ onFile }: { onFile: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (): void => {
    const [file] = input.current?.files ?? [];
    if (file) onFile(file);
    // The same file again is a choice, too.
    if (input.current) input.current.value = '';
  };
  return (
    <>
      <input ref={input} type="file" hidden aria-label={t('bring_file')} accept={`${FILE_ENDING},text/plain,application/octet-stream`} onChange={chosen} />
      <Button onClick={() => input.current?.click()}>{t('bring_file')}</Button>
    </>
  );
}

function Progress({ one: { device_id, waiting, taken, refused }, onDrop }: { one: Carriage; onDrop: () => void }) {
  const all = waiting + taken + refused;
  return (
    <Card title={t('bring_of', { code: device_id.slice(0, 8) })} tone={refused > 0 ? 'bad' : waiting > 0 ? 'wait' : 'good'}>
      <p role="status">{t('bring_progress', { n: taken, all })}</p>
      {waiting === 0 && refused === 0 && <p>{t('bring_done')}</p>}
      {refused > 0 && <p>{tn('bring_refused', refused)}</p>}
      {waiting === 0 && (
        <Button label={t('bring_drop_label', { code: device_id.slice(0, 8) })} onClick={onDrop}>
          {t('bring_drop')}
        </Button>
      )}
    </Card>
  );
}
