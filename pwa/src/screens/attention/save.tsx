/** One's own entry as a file that anybody can read: said before it is made. */
import { useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import type { Unaccepted } from '../../state/unaccepted.ts';
import { Button } from '../parts/index.ts';
import { fileText } from './told.ts';

const ID_SHOWN = 8;
const KEPT_MS = 60_000;

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

export function Save({ entry }: { entry: Unaccepted }) {
  const [asking, setAsking] = useState(false);
  if (!asking) return <Button onClick={() => setAsking(true)}>{t('att_save')}</Button>;
  const save = (): void => {
    download(`warm-handoff-${entry.row.op_id.slice(-ID_SHOWN)}.txt`, fileText(entry));
    setAsking(false);
  };
  return (
    <div class="sure" role="group" aria-label={t('att_save')}>
      <p class="state wait" role="status">
        {t('att_save_warning')}
      </p>
      <div class="actions">
        <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
        <Button kind="danger" onClick={save}>
          {t('att_save_yes')}
        </Button>
      </div>
    </div>
  );
}
