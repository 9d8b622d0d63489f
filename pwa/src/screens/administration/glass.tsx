/** Breaking the glass: asking to look at one referral, looking while a supervisor allows it, and ending it. */
import { useState } from 'preact/hooks';
import { now } from '../../state/clock.ts';
import { t } from '../../state/language.ts';
import { go } from '../../state/router.ts';
import { me } from '../../state/session.ts';
import { exactly, timeOfDay } from '../../state/times.ts';
import { Button, Card, ErrorSummary, Field, Screen, TextInput, type FieldError } from '../parts/index.ts';
import { Lazy, lazily } from '../parts/lazy.tsx';
import { Answer, useAsked } from './asking.tsx';
import { Came, useDeed } from './doing.tsx';
import { Places } from './places.tsx';
import { askForGlass, askGlasses, endGlass, lookThrough, type Glass as Broken, type Look } from './server.ts';

const behind = lazily(() => import('./behind.tsx'), 'coordinator');

/** Whether it is open at an instant, by the server's word and by the clock. */
export const isOpen = ({ open, until_at }: Pick<Broken, 'open' | 'until_at'>, at_ms: number): boolean =>
  open && Date.parse(until_at) > at_ms;

export default function Glass({ back }: { back?: (() => void) | undefined }) {
  const [asked, again] = useAsked(askGlasses);
  const [look, setLook] = useState<Look | null>(null);
  const asks = me.value?.role === 'administrator';
  if (look && Date.parse(look.until_at) > now.value) return <Behind look={look} close={() => setLook(null)} />;
  return (
    <Screen title={t('adm_glass')} back={back}>
      <Places />
      <p>{t(asks ? 'adm_glass_lead' : 'adm_glass_lead_supervisor')}</p>
      <Answer asked={asked} again={again}>
        {(glasses) => (
          <>
            {glasses.length === 0 && <p class="soft">{t('adm_glass_none')}</p>}
            {glasses.map((glass) => (
              <One key={glass.id} glass={glass} looks={asks} again={again} show={setLook} />
            ))}
          </>
        )}
      </Answer>
      {asks && <Ask />}
    </Screen>
  );
}

/** The banner stays in view: whoever looks is told that it is written down, and until when. */
function Behind({ look, close }: { look: Look; close: () => void }) {
  return (
    <Screen title={t('adm_behind', { number: look.number })} back={close}>
      <p class="glass-banner" role="status">
        {t('adm_glass_banner', { time: timeOfDay(look.until_at) })}
      </p>
      <Lazy inside load={behind} props={{ look }} />
    </Screen>
  );
}

interface OneProps {
  glass: Broken;
  looks: boolean;
  again: () => void;
  show: (look: Look) => void;
}

function One({ glass, looks, again, show }: OneProps) {
  const { busy, outcome, run } = useDeed();
  const open = isOpen(glass, now.value);
  const title = t('adm_glass_of', { number: glass.number, name: glass.name });
  const end = (): void =>
    void run(async () => {
      await endGlass(glass.id);
      again();
      return t('adm_glass_ended_now');
    });
  const look = (): void =>
    void run(async () => {
      show(await lookThrough(glass.id));
      return null;
    });
  return (
    <Card title={title} tone={open ? 'wait' : undefined}>
      <p class={`state ${open ? 'wait' : 'plain'}`}>
        {open
          ? t('adm_glass_open', { time: timeOfDay(glass.until_at) })
          : t('adm_glass_over', { time: exactly(glass.ended_at ?? glass.until_at, now.value) })}
      </p>
      {open && (
        <div class="actions">
          <Button busy={busy} label={`${t('adm_glass_end')}: ${title}`} onClick={end}>
            {t('adm_glass_end')}
          </Button>
          {looks && (
            <Button busy={busy} label={`${t('adm_glass_look')}: ${title}`} onClick={look}>
              {t('adm_glass_look')}
            </Button>
          )}
        </div>
      )}
      <Came of={outcome} />
    </Card>
  );
}

const REASON_LEAST = 10;

function Ask() {
  const { busy, outcome, run } = useDeed();
  const [number, setNumber] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const errors: FieldError[] = [];
  if (!/^[1-9]\d{0,14}$/.test(number.trim())) errors.push({ field: 'glass-number', text: t('adm_number_missing') });
  if ([...reason.trim()].length < REASON_LEAST) errors.push({ field: 'glass-reason', text: t('adm_reason_short') });
  const error = (field: string): string | undefined => (tried ? errors.find((each) => each.field === field)?.text : undefined);
  const submit = (): void => {
    setTried(true);
    if (errors.length > 0) return;
    void run(async () => {
      await askForGlass(Number(number.trim()), reason.trim());
      return t('adm_asked_now');
    }).then((done) => done && go('/decide'));
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h2>{t('adm_glass_ask_title')}</h2>
      <ErrorSummary errors={tried ? errors : []} />
      <Field id="glass-number" label={t('adm_number')} error={error('glass-number')}>
        <TextInput value={number} onInput={setNumber} inputMode="numeric" autoComplete="off" maxLength={15} required />
      </Field>
      <Field id="glass-reason" label={t('adm_reason_field')} hint={t('adm_glass_reason_hint')} error={error('glass-reason')}>
        <TextInput value={reason} onInput={setReason} autoComplete="off" maxLength={300} required />
      </Field>
      <Button kind="act" type="submit" busy={busy}>
        {t('adm_glass_ask')}
      </Button>
      <Came of={outcome} />
    </form>
  );
}
