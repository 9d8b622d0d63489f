/** The versions that a program has or had, what changed from one to the next, and taking an installed one back. */
import { useState } from 'preact/hooks';
import type { Pack, Text } from '../../../rules/model.ts';
import { announce } from '../../../state/announce.ts';
import { now } from '../../../state/clock.ts';
import { shownLanguage, t, type MessageKey } from '../../../state/language.ts';
import { me } from '../../../state/session.ts';
import { exactly } from '../../../state/times.ts';
import { Button, Card, ErrorSummary, Field, LinkButton, TextInput } from '../../parts/index.ts';
import { changesBetween, type Change } from './changes.ts';
import { inForceWords } from './pack_sheet.tsx';
import { refusalOf, withdraw, type PackEntry } from './server.ts';

const TONES = { in_force: 'good', coming: 'wait', past: 'plain', withdrawn: 'plain' } as const;
const REASON_LIMIT = 300;

/** The version before this one in time, of those that were not withdrawn; the list has the newest first. */
export const before = (packs: readonly PackEntry[], hash: string): PackEntry | undefined =>
  packs.slice(packs.findIndex((each) => each.hash === hash) + 1).find(({ state }) => state !== 'withdrawn');

function Withdraw({ entry: { hash, version }, done }: { entry: PackEntry; done: () => void }) {
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [reason, setReason] = useState('');
  const [refused, setRefused] = useState('');
  const field = `withdraw-${hash}`;
  const send = async (): Promise<void> => {
    if (reason.trim() === '') return setRefused(t('rules_withdraw_missing'));
    setBusy(true);
    try {
      await withdraw(hash, reason.trim());
      announce(t('rules_withdrawn_now', { version }));
      done();
    } catch (error) {
      setRefused(refusalOf(error) ?? t('rules_unreachable'));
    }
    setBusy(false);
  };
  if (!asking) {
    return (
      <Button kind="quiet" label={t('rules_withdraw_one', { version })} onClick={() => setAsking(true)}>
        {t('rules_withdraw')}
      </Button>
    );
  }
  return (
    <div class="stack">
      <p>{t('rules_withdraw_lead')}</p>
      <ErrorSummary errors={refused ? [{ field, text: refused }] : []} />
      <Field id={field} label={t('rules_withdraw_why')} error={refused || undefined}>
        <TextInput value={reason} onInput={setReason} maxLength={REASON_LIMIT} enterKeyHint="done" />
      </Field>
      <div class="actions">
        <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
        <Button kind="danger" busy={busy} onClick={() => void send()}>
          {t('rules_withdraw')}
        </Button>
      </div>
    </div>
  );
}

function Version({ entry, former, done }: { entry: PackEntry; former: PackEntry | undefined; done: () => void }) {
  const { hash, version, state, installed_at, installed_by, withdrawn_reason } = entry;
  const when = installed_at === null ? '' : exactly(installed_at, now.value);
  const withdrawable = me.value?.role === 'administrator' && !entry.shipped && (state === 'in_force' || state === 'coming');
  return (
    <li>
      <Card title={t('rules_version_of', { version })}>
        <p class={`state ${TONES[state]}`}>{t(`rules_state_${state}`)}</p>
        <p>{inForceWords(entry.effective_from, entry.effective_until)}</p>
        <p class="soft">
          {entry.shipped ? t('rules_shipped') : t('rules_installed', { name: installed_by ?? t('rules_command_line'), when })}
          {!entry.official && ` · ${t('rules_unofficial')}`}
        </p>
        {withdrawn_reason !== null && <p>{t('rules_withdrawn_because', { reason: withdrawn_reason })}</p>}
        <div class="actions">
          <LinkButton to={`/rules/${hash}`}>{t('rules_read')}</LinkButton>
          {former && <LinkButton to={`/rules/${hash}/${former.hash}`}>{t('rules_compare', { version: former.version })}</LinkButton>}
        </div>
        {withdrawable && <Withdraw entry={entry} done={done} />}
      </Card>
    </li>
  );
}

export function Versions({ packs, done }: { packs: readonly PackEntry[]; done: () => void }) {
  if (packs.length === 0) return <p>{t('rules_none')}</p>;
  return (
    <ul class="versions">
      {packs.map((entry) => (
        <Version key={entry.hash} entry={entry} former={before(packs, entry.hash)} done={done} />
      ))}
    </ul>
  );
}

/** A part that this version of the app has no word for is named as the model names it. */
function keyWords(key: string): string {
  const found = t(`rules_key_${key}` as MessageKey);
  return found === `rules_key_${key}` ? key.replaceAll('_', ' ') : found;
}

const inWords = (name: Text | string): string =>
  typeof name === 'string' ? keyWords(name) : t('rules_quoted', { words: name[shownLanguage.value] });

function sentence({ part, what, name, keys }: Change): string {
  const told = typeof name === 'string' && part === 'pathway' ? t(`rules_pathway_${name as keyof Pack['pathways']}`) : inWords(name);
  const values = { part: t(`rules_part_${part}`), name: told, keys: keys.map(keyWords).join(', ') };
  const whole = what === 'changed' && (part === 'head' || part === 'practice');
  return t(whole ? 'rules_change_value' : `rules_change_${what}`, values);
}

/** What a reader of the former version has to know about the newer one. */
export function Changes({ from, to }: { from: Pack; to: Pack }) {
  const found = changesBetween(from, to);
  if (found.length === 0) return <p>{t('rules_change_none')}</p>;
  return (
    <ul class="pack-list">
      {found.map((change) => (
        <li key={`${change.part} ${sentence(change)}`}>
          {sentence(change)}
          {change.before && <p class="soft">{t('rules_change_before', { words: inWords(change.before) })}</p>}
        </li>
      ))}
    </ul>
  );
}
