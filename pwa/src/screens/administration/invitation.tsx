/** An invitation as it is shown once to whoever made it: a square to point a camera at, an address, a code to say aloud. */
import { now } from '../../state/clock.ts';
import { t, tn } from '../../state/language.ts';
import { Card } from '../parts/index.ts';
import type { NewInvitation } from './server.ts';

const MINUTE_MS = 60_000;

/** Whole minutes that it still works; 0 within the last one, null once it does not. */
export function minutesLeft(expires_at: string, at_ms: number): number | null {
  const left = Date.parse(expires_at) - at_ms;
  return left > 0 ? Math.floor(left / MINUTE_MS) : null;
}

function leftWords(minutes: number): string {
  return minutes === 0 ? t('adm_left_last') : tn('adm_left', minutes);
}

/** Dark on light at night, too: cameras read no other. */
function Square({ qr: { size, path } }: Pick<NewInvitation, 'qr'>) {
  return (
    <svg class="square" role="img" aria-label={t('adm_square')} viewBox={`0 0 ${size} ${size}`} shape-rendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}

export function ShownInvitation({ made, name }: { made: NewInvitation; name: string }) {
  const minutes = minutesLeft(made.expires_at, now.value);
  return (
    <Card title={t('adm_invited', { name })} tone={minutes === null ? 'wait' : 'good'}>
      {minutes === null ? (
        <p class="state wait" role="status">
          {t('adm_left_none')}
        </p>
      ) : (
        <>
          <p>{t('adm_invited_lead')}</p>
          <p class="state wait" role="timer" aria-live="off">
            {leftWords(minutes)}
          </p>
          <Square qr={made.qr} />
          <dl class="facts">
            <dt>{t('adm_address')}</dt>
            <dd class="address">{made.address}</dd>
            <dt>{t('adm_code')}</dt>
            <dd class="aloud">{made.code}</dd>
          </dl>
          <p class="soft">{t('adm_code_lead')}</p>
        </>
      )}
    </Card>
  );
}
