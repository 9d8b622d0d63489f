/** What the screens of the rota share: how fresh it is, in which zone, requests and their answers, and a time on the wall as a field. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { clockOff } from '../../state/clock.ts';
import { connection } from '../../state/connection.ts';
import { t } from '../../state/language.ts';
import { me } from '../../state/session.ts';
import { Button, Card, Field, useField, When } from '../parts/index.ts';
import { useAnnouncedRequests } from './heard.ts';
import { fallenRequests, isFresh, known, lookAgain, rotaNow, tookBack, unanswered, type Known } from './known.ts';
import { refusalOf, settle, type Refusal, type Rota } from './server.ts';
import { sortRequests, type Request } from './spans.ts';
import { arrangedWords, askedWords, meanwhileWords, mineWords, nameOf, zoneName } from './words.ts';

export interface Acting {
  busy: boolean;
  refused: Refusal | null;
  /** Does it, asks for the rota anew, and says what came of it. Never twice at the same time. True when it is done. */
  act: (work: () => Promise<string>) => Promise<boolean>;
}

export function useAct(): Acting {
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refusal | null>(null);
  const act: Acting['act'] = async (work) => {
    if (busy) return false;
    setBusy(true);
    setRefused(null);
    try {
      const said = await work();
      await lookAgain();
      announce(said);
      return true;
    } catch (error) {
      setRefused(refusalOf(error));
      await lookAgain();
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, refused, act };
}

export function Refused({ why }: { why: Refusal | null }) {
  if (why === null) return null;
  return (
    <p class="state bad" role="alert">
      <span>
        {why.text} {why.detail && <span lang="en">{why.detail}</span>}
      </span>
    </p>
  );
}

/** What is shown is not what the server says now, and since when. */
export function Freshness() {
  const have = known.value;
  if (have === null) {
    const lost = unanswered.value || connection.value !== 'connected';
    return <p class={lost ? 'state wait' : 'soft'}>{t(lost ? 'rota_never' : 'rota_asking')}</p>;
  }
  if (isFresh.value || !unanswered.value) return null;
  const [before, after] = t('rota_old').split('{when}');
  return (
    <p class="state wait">
      <span>
        {before}
        <When at={have.told_ms + clockOff.value} />
        {after}
      </span>
    </p>
  );
}

const here = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Said only where the reader could think of another clock. */
export function ZoneLine({ rota }: { rota: Rota }) {
  return rota.zone === here() ? null : <p class="hint">{t('rota_zone', { zone: rota.zone, name: zoneName(rota.zone) })}</p>;
}

interface AnswerProps {
  have: Known;
  request: Request;
  acting: Acting;
}

function Asked({ have: { rota }, request, acting: { busy, act } }: AnswerProps) {
  const now = rotaNow.value;
  const answer = (how: 'accept' | 'decline') => (): void => {
    void act(async () => {
      await settle(request.id, how);
      return how === 'accept' ? arrangedWords(request, rota, me.value?.user_id ?? '', now) : t('rota_declined_now');
    });
  };
  return (
    <Card tone="wait">
      <p>{askedWords(request, rota, now)}</p>
      <p class="soft">{meanwhileWords(request, rota, me.value?.user_id ?? '')}</p>
      <div class="rota-answer">
        <Button kind="act" busy={busy} disabled={!isFresh.value} onClick={answer('accept')}>
          {t('rota_accept')}
        </Button>
        <Button busy={busy} disabled={!isFresh.value} onClick={answer('decline')}>
          {t('rota_decline')}
        </Button>
      </div>
    </Card>
  );
}

function Mine({ have: { rota }, request, acting: { busy, act } }: AnswerProps) {
  const withdraw = (): void => {
    void act(async () => {
      tookBack(request.id);
      await settle(request.id, 'withdraw');
      return t('rota_withdrawn_now');
    });
  };
  return (
    <Card tone="wait">
      <p>{mineWords(request, rota, rotaNow.value)}</p>
      <p>{meanwhileWords(request, rota, me.value?.user_id ?? '')}</p>
      <Button busy={busy} disabled={!isFresh.value} onClick={withdraw}>
        {t('rota_withdraw')}
      </Button>
    </Card>
  );
}

/** What waits for the reader, and what the reader waits for. One of them is answered at a time. */
export function Requests({ have }: { have: Known }) {
  const acting = useAct();
  const { asked, mine } = sortRequests(have.rota.changes, me.value?.user_id ?? '', rotaNow.value);
  const fallen = fallenRequests.value;
  useAnnouncedRequests(asked.length);
  if (asked.length + mine.length + fallen.length === 0 && !acting.refused) return null;
  return (
    <>
      <Refused why={acting.refused} />
      {asked.length > 0 && (
        <section class="stack" aria-labelledby="rota-asked">
          <h2 id="rota-asked">{t('rota_requests')}</h2>
          {asked.map((request) => (
            <Asked key={request.id} have={have} request={request} acting={acting} />
          ))}
        </section>
      )}
      {mine.length + fallen.length > 0 && (
        <section class="stack" aria-labelledby="rota-pending">
          <h2 id="rota-pending">{t('rota_pending')}</h2>
          {mine.map((request) => (
            <Mine key={request.id} have={have} request={request} acting={acting} />
          ))}
          {fallen.map((request) => (
            <Card key={request.id}>
              <p class="soft">{mineWords(request, have.rota, rotaNow.value)}</p>
              <p class="state wait">{t('rota_fallen', { name: nameOf(have.rota, request.change.asked_of) })}</p>
            </Card>
          ))}
        </section>
      )}
    </>
  );
}

function WallInput({ value, onInput }: { value: string; onInput: (text: string) => void }) {
  return <input class="input" type="datetime-local" {...useField()} value={value} onInput={(event) => onInput(event.currentTarget.value)} />;
}

interface WallTimeProps {
  id: string;
  label: string;
  hint?: string | undefined;
  value: string;
  error?: string | undefined;
  onInput: (text: string) => void;
}

/** A day and a time on the wall of the program's zone. */
export function WallTime({ value, onInput, ...field }: WallTimeProps) {
  return (
    <Field {...field}>
      <WallInput value={value} onInput={onInput} />
    </Field>
  );
}
