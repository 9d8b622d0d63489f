/** Installing a pack: choose or paste it, have it checked, read what would change, and say yes once. */
import { useState } from 'preact/hooks';
import { announce } from '../../../state/announce.ts';
import { t, tn } from '../../../state/language.ts';
import { go } from '../../../state/router.ts';
import { Button, Card, ErrorSummary, Field, Screen, TextArea, useField } from '../../parts/index.ts';
import { day } from './pack_sheet.tsx';
import { checkText, install, refusalOf, statedIn, type PackCheck } from './server.ts';

/** The server refuses larger ones; no pack comes near it. */
const FILE_BYTES = 262_144;

function FileInput({ onText, onTooLarge }: { onText: (text: string) => void; onTooLarge: () => void }) {
  const choose = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    if (file.size > FILE_BYTES) onTooLarge();
    else onText(await file.text());
  };
  return (
    <input class="input" type="file" accept=".yaml,.yml" {...useField()} onChange={(event) => void choose(event.currentTarget.files?.[0])} />
  );
}

/** In the checker's own words, which are English. */
function Problems({ problems }: Pick<PackCheck, 'problems'>) {
  return (
    <Card title={tn('rules_problems', problems.length)} tone="bad">
      <ul class="pack-list">
        {problems.map(({ line, what, next_step }) => (
          <li key={`${line} ${what}`}>
            {line !== null && <strong>{t('rules_line', { n: line })} </strong>}
            <span lang="en">
              {what} {next_step}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Sound({ hash, changes, text, onInstall, busy }: PackCheck & { text: string; onInstall: () => void; busy: boolean }) {
  const [asking, setAsking] = useState(false);
  const [begins, version] = [statedIn(text, 'effective_from'), statedIn(text, 'version')];
  const stated = { day: begins ? day(begins) : t('rules_day_in_text'), version: version ?? '' };
  return (
    <Card title={t('rules_sound')} tone="good">
      <p class="hash">{hash}</p>
      <p>{t('rules_begins', stated)}</p>
      {changes.length === 0 ? (
        <p>{t('rules_change_none')}</p>
      ) : (
        <details>
          <summary>{tn('rules_changes_count', changes.length)}</summary>
          <ul class="pack-list" lang="en">
            {changes.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      )}
      {asking ? (
        <>
          <p class="state wait">{t('rules_install_sure', stated)}</p>
          <div class="actions">
            <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
            <Button kind="act" busy={busy} onClick={onInstall}>
              {t('rules_install_yes')}
            </Button>
          </div>
        </>
      ) : (
        <Button kind="act" onClick={() => setAsking(true)}>
          {t('rules_install')}
        </Button>
      )}
    </Card>
  );
}

export function Install({ done }: { done: () => void }) {
  const [text, setText] = useState('');
  const [checked, setChecked] = useState<PackCheck | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const change = (typed: string): void => {
    setText(typed);
    setChecked(null);
    setError('');
  };
  const run = async (work: () => Promise<void>): Promise<void> => {
    setBusy(true);
    setError('');
    await work().catch((failure: unknown) => setError(refusalOf(failure) ?? t('rules_unreachable')));
    setBusy(false);
  };
  const check = async (): Promise<void> => {
    if (text.trim() === '') return setError(t('rules_text_missing'));
    const found = await checkText(text);
    setChecked(found);
    announce(found.problems.length > 0 ? tn('rules_problems', found.problems.length) : t('rules_sound'));
  };
  const put = async (): Promise<void> => {
    try {
      await install(text);
    } catch (failure) {
      // What stood in the way since the check is told by another one.
      setChecked(await checkText(text).catch(() => null));
      throw failure;
    }
    announce(t('rules_installed_now'));
    done();
    go('/rules');
  };
  return (
    <Screen title={t('rules_install_title')} back={() => go('/rules')}>
      <p>{t('rules_install_lead')}</p>
      <ErrorSummary errors={error ? [{ field: 'pack-text', text: error }] : []} />
      <Field label={t('rules_file')}>
        <FileInput onText={change} onTooLarge={() => setError(t('rules_file_large'))} />
      </Field>
      <Field id="pack-text" label={t('rules_text')} hint={t('rules_text_hint')} error={error || undefined}>
        <TextArea value={text} rows={12} onInput={change} />
      </Field>
      <Button busy={busy} onClick={() => void run(check)}>
        {t('rules_check')}
      </Button>
      {checked && checked.problems.length > 0 && <Problems problems={checked.problems} />}
      {checked && checked.problems.length === 0 && (
        <Sound {...checked} text={text} busy={busy} onInstall={() => void run(put)} />
      )}
    </Screen>
  );
}
