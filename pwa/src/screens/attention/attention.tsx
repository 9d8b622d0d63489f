/** One's own entries that were not accepted: what each was, why in plain words, and what can be done. Nothing is ever deleted. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t, tn } from '../../state/language.ts';
import { record, troubled } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { waiting } from '../../state/connection.ts';
import { unaccepted, sendAgain, type Unaccepted } from '../../state/unaccepted.ts';
import { Button, CallButton, Card, LinkButton, Screen, When } from '../parts/index.ts';
import { Correct } from './correct.tsx';
import { Save } from './save.tsx';
import { wayOf } from './reasons.ts';
import { kindWords, lines, standing } from './told.ts';

export default function Attention() {
  const [entries, setEntries] = useState<Unaccepted[] | null>(null);
  const [turn, setTurn] = useState(0);
  // Whatever changes in the outbox is read again.
  const changes = `${turn}/${troubled.value}/${waiting.value}`;
  useEffect(() => {
    let current = true;
    void unaccepted().then((found) => current && setEntries(found ?? []));
    return () => {
      current = false;
    };
  }, [changes]);
  const again = (): void => setTurn((before) => before + 1);
  const open = (entries ?? []).filter(({ row }) => row.state === 'attention');
  const settled = (entries ?? []).filter(({ row }) => row.state === 'settled');
  return (
    <Screen title={t('att_title')} back={() => go('/')}>
      <p class="soft">{t('att_lead')}</p>
      {entries === null && <p class="soft">{t('loading')}</p>}
      {entries !== null && (
        <p class={`state ${open.length > 0 ? 'bad' : 'good'}`} role="status">
          {open.length > 0 ? tn('att_open', open.length) : t('att_none')}
        </p>
      )}
      <List entries={open} all={entries ?? []} again={again} />
      {settled.length > 0 && <h2>{t('att_settled')}</h2>}
      <List entries={settled} all={entries ?? []} again={again} />
      <CallButton />
    </Screen>
  );
}

interface ListProps {
  entries: Unaccepted[];
  all: readonly Unaccepted[];
  again: () => void;
}

function List({ entries, all, again }: ListProps) {
  if (entries.length === 0) return null;
  return (
    <ul class="cards">
      {entries.map((entry) => (
        <li key={entry.row.op_id}>
          <Entry entry={entry} all={all} again={again} />
        </li>
      ))}
    </ul>
  );
}

function Entry({ entry, all, again }: { entry: Unaccepted; all: readonly Unaccepted[]; again: () => void }) {
  const { row, operation } = entry;
  const [correcting, setCorrecting] = useState(false);
  const open = row.state === 'attention';
  const number = record(row.referral_id)?.number ?? row.receipt?.number ?? null;
  const title = kindWords(operation?.kind ?? null);
  return (
    <Card title={title}>
      <p class="soft">
        {number !== null && `${t('att_number', { number })} · `}
        <When at={row.created_at} />
      </p>
      <p class={`state ${open ? 'bad' : 'plain'}`}>{standing(entry)}</p>
      {operation === null && <p>{t('att_unreadable')}</p>}
      <Values entry={entry} />
      {open && row.receipt?.detail && wayOf(row.receipt.reason) === 'correct' && (
        <details class="more">
          <summary>{t('att_server_said')}</summary>
          <p lang="en">{row.receipt.detail}</p>
        </details>
      )}
      {correcting ? (
        <Correct entry={entry} all={all} done={() => (setCorrecting(false), again())} />
      ) : (
        <div class="further">
          {open && <Next entry={entry} correct={() => setCorrecting(true)} again={again} />}
          {record(row.referral_id) && <LinkButton to={`/referral/${row.referral_id}`}>{t('att_referral')}</LinkButton>}
          <Save entry={entry} />
        </div>
      )}
    </Card>
  );
}

function Values({ entry }: { entry: Unaccepted }) {
  const said = lines(entry);
  if (said.length === 0) return null;
  return (
    <dl class="facts">
      {said.flatMap(([label, value]) => [<dt key={`${label}-label`}>{label}</dt>, <dd key={label}>{value}</dd>])}
    </dl>
  );
}

/** What to do next: one sentence, and the button where there is something to do here. */
function Next({ entry, correct, again }: { entry: Unaccepted; correct: () => void; again: () => void }) {
  const [busy, setBusy] = useState(false);
  const way = wayOf(entry.row.receipt?.reason ?? null);
  const readable = entry.operation !== null;
  const send = async (): Promise<void> => {
    setBusy(true);
    await sendAgain(entry).finally(() => setBusy(false));
    announce(t('att_sent_again'));
    again();
  };
  return (
    <>
      <p>{t(readable || way === 'person' || way === 'wait' ? `att_next_${way}` : 'att_next_call')}</p>
      {readable && way === 'correct' && <Button onClick={correct}>{t('att_correct')}</Button>}
      {readable && way === 'again' && (
        <Button busy={busy} onClick={() => void send()}>
          {t('att_again')}
        </Button>
      )}
    </>
  );
}
