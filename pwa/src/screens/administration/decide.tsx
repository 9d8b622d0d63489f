/** What needs two people: who asks what, why, until when; a second person approves or declines. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { coming } from '../../state/times.ts';
import { Button, Card, LinkButton, Screen, When } from '../parts/index.ts';
import { Answer, useAsked } from './asking.tsx';
import { Came, Sure, useDeed } from './doing.tsx';
import { ShownInvitation } from './invitation.tsx';
import { Places } from './places.tsx';
import { headingOf, openRequests, ownRequests, reasonOf, settled } from './requests.ts';
import { approve, approveRecovery, askRequests, decline, type NewInvitation, type RequestEntry } from './server.ts';

const RECENT = 20;

interface Made {
  name: string;
  made: NewInvitation;
}

export default function Decide({ back }: { back?: (() => void) | undefined }) {
  const [asked, again] = useAsked(askRequests);
  const [shown, setShown] = useState<Made | null>(null);
  return (
    <Screen title={t('adm_decide')} wide back={back} main={<LinkButton to="/recovery">{t('adm_recovery')}</LinkButton>}>
      <Places waiting={asked.state === 'told' ? openRequests(asked.told).length : undefined} />
      <p class="soft">{t('adm_decide_lead')}</p>
      {shown && <ShownInvitation key={shown.made.id} {...shown} />}
      <Answer asked={asked} again={again}>
        {(requests) => <Requests requests={requests} again={again} show={setShown} />}
      </Answer>
    </Screen>
  );
}

interface RequestsProps {
  requests: RequestEntry[];
  again: () => void;
  show: (made: Made) => void;
}

function Requests({ requests, again, show }: RequestsProps) {
  const [open, own, past] = [openRequests(requests), ownRequests(requests), settled(requests).slice(0, RECENT)];
  return (
    <>
      {open.length === 0 && <p class="state good">{t('adm_decide_none')}</p>}
      {open.map((request) => (
        <Deciding key={request.id} request={request} again={again} show={show} />
      ))}
      {own.length > 0 && <h2>{t('adm_decide_own')}</h2>}
      {own.map((request) => (
        <Own key={request.id} request={request} again={again} />
      ))}
      {past.length > 0 && <h2>{t('adm_decide_past')}</h2>}
      {past.length > 0 && (
        <ul class="history">
          {past.map((request) => (
            <li key={request.id}>
              <When at={request.decided_at ?? request.expires_at} /> <strong>{headingOf(request)}</strong>{' '}
              {t(`adm_request_${request.state as Past}`, { name: request.decided_by_name ?? '' })}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

type Past = Exclude<RequestEntry['state'], 'asked'>;

function Asked({ request, own }: { request: RequestEntry; own?: boolean }) {
  return (
    <>
      <p>
        {own ? t('adm_asked_by_you') : t('adm_asked_by', { name: request.asked_by_name })} <When at={request.asked_at} />
      </p>
      <p>{t('adm_reason', { reason: reasonOf(request) })}</p>
      <p class="soft">{t('adm_decide_until', { time: coming(request.expires_at, now.value) })}</p>
    </>
  );
}

interface DecidingProps {
  request: RequestEntry;
  again: () => void;
  show: (made: Made) => void;
}

function Deciding({ request, again, show }: DecidingProps) {
  const { busy, outcome, run } = useDeed();
  const title = headingOf(request);
  const agree = (): void =>
    void run(async () => {
      if (request.kind === 'recovery') show({ name: request.subject_name ?? '', made: await approveRecovery(request.id) });
      else await approve(request);
      again();
      return t('adm_approved', { what: title });
    });
  const refuse = (): void =>
    void run(async () => {
      await decline(request);
      again();
      return t('adm_declined', { what: title });
    });
  return (
    <Card title={title} tone="wait">
      <Asked request={request} />
      <div class="actions">
        <Button busy={busy} label={`${t('adm_decline')}: ${title}`} onClick={refuse}>
          {t('adm_decline')}
        </Button>
        <Sure
          ask={t('adm_approve')} label={`${t('adm_approve')}: ${title}`} lead={t(`adm_sure_${request.kind}`)} yes={t('adm_approve_yes')}
          busy={busy} act={agree}
        />
      </div>
      <Came of={outcome} />
    </Card>
  );
}

function Own({ request, again }: { request: RequestEntry; again: () => void }) {
  const { busy, outcome, run } = useDeed();
  const title = headingOf(request);
  const takeBack = (): void =>
    void run(async () => {
      await decline(request);
      again();
      return t('adm_taken_back');
    });
  return (
    <Card title={title}>
      <Asked request={request} own />
      <Button busy={busy} label={`${t('adm_take_back')}: ${title}`} onClick={takeBack}>
        {t('adm_take_back')}
      </Button>
      <Came of={outcome} />
    </Card>
  );
}
