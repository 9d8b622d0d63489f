/** Taking a list away as a file. Two steps, because the server wants a fresh proof first: it prepares the file, and a link keeps it. */
import { useEffect, useState } from 'preact/hooks';
import { t } from '../../state/language.ts';
import { Button } from '../parts/index.ts';
import { Came, useDeed } from './doing.tsx';

const CSV_TYPE = 'text/csv;charset=utf-8';

interface TakeAwayProps {
  lead: string;
  /** The file's name. */
  name: string;
  /** What the file is about: of something else another one has to be prepared. */
  about: string;
  /** The file's text. */
  ask: () => Promise<string>;
}

export function TakeAway({ lead, name, about, ask }: TakeAwayProps) {
  const { busy, outcome, run } = useDeed();
  const [file, setFile] = useState<{ about: string; address: string } | null>(null);
  useEffect(() => () => void (file && URL.revokeObjectURL(file.address)), [file]);
  const prepare = (): void =>
    void run(async () => {
      const text = await ask();
      setFile({ about, address: URL.createObjectURL(new Blob([text], { type: CSV_TYPE })) });
      return t('adm_csv_ready');
    });
  return (
    <section class="stack no-print" aria-labelledby="take-away">
      <h2 id="take-away">{t('adm_csv_title')}</h2>
      <p class="soft">{lead}</p>
      <Button busy={busy} onClick={prepare}>
        {t('adm_csv')}
      </Button>
      <Came of={outcome} />
      {file?.about === about && (
        <a class="button" href={file.address} download={name}>
          {t('adm_csv_keep')}
        </a>
      )}
    </section>
  );
}
