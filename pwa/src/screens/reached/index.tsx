/** "How I am reached": my phones, my numbers and mailboxes, and a test of all of them that says what came back. */
import { useEffect, useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { notifications, sendTest } from '../../state/notifications.ts';
import { goInstead, route } from '../../state/router.ts';
import { AllowNotifications } from '../allow.tsx';
import { Button, LinkButton } from '../parts/button.tsx';
import { Card, Screen } from '../parts/screen.tsx';
import { AddWay } from './add.tsx';
import { ContactCard } from './contact.tsx';
import { PhoneCard } from './phone.tsx';
import { anyWaiting, askWays, before, hasSecondWay, type Before, type Ways } from './ways.ts';

const LOOK_EVERY_MS = 2_000;
const LOOKS = 15;

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));

interface Test {
  before: Before;
  /** Answers are still looked for. */
  patient: boolean;
}

export default function Reached() {
  const [ways, setWays] = useState<Ways | null>(null);
  const [unknown, setUnknown] = useState(false);
  const look = async (): Promise<Ways | null> => {
    const found = await askWays().catch(() => null);
    setUnknown(found === null);
    if (found !== null) setWays(found);
    return found;
  };
  // Asked again when this phone has been registered, which it may be while the screen is open.
  const state = notifications.value;
  useEffect(() => void look(), [state]);
  if (route.value.params[1] === 'add') return <AddWay available={ways?.available ?? null} onAdded={() => void look()} />;
  return <List ways={ways} unknown={unknown} look={look} />;
}

interface ListProps {
  ways: Ways | null;
  /** The server could not be asked just now. */
  unknown: boolean;
  look: () => Promise<Ways | null>;
}

function List({ ways, unknown, look }: ListProps) {
  const [test, setTest] = useState<Test | null>(null);
  const [failed, setFailed] = useState(false);
  const run = async (known: Ways): Promise<void> => {
    const asked = before(known);
    setFailed(false);
    setTest({ before: asked, patient: true });
    if (!(await sendTest())) {
      setFailed(true);
      return setTest(null);
    }
    announce(t('reached_test_sent'));
    for (let n = 0; n < LOOKS; n += 1) {
      await pause();
      const found = await look();
      if (found !== null && !anyWaiting(found, asked)) break;
    }
    setTest({ before: asked, patient: false });
  };
  const testable = ways !== null && ways.phones.length + ways.contacts.length > 0;
  return (
    <Screen
      title={t('reached_title')}
      back={() => goInstead('/me')}
      main={
        testable && (
          <Button kind="act" busy={test?.patient === true} onClick={() => void run(ways)}>
            {t(test?.patient ? 'reached_testing' : 'reached_test')}
          </Button>
        )
      }
    >
      {unknown && (
        <Card tone="wait">
          <p>{t('reached_unknown')}</p>
          <Button onClick={() => void look()}>{t('try_again')}</Button>
        </Card>
      )}
      {failed && <p class="state bad" role="alert">{t('reached_test_failed')}</p>}
      {ways !== null && <p class={hasSecondWay(ways) ? 'soft' : 'state wait'}>{t('reached_second_way')}</p>}
      <section class="stack" aria-labelledby="reached-phones">
        <h2 id="reached-phones">{t('reached_phones')}</h2>
        {notifications.value !== 'on' && (
          <Card title={t('reached_this_phone')} tone="wait">
            <AllowNotifications lead="test_lead" />
          </Card>
        )}
        {ways?.phones.map((phone, at) => <PhoneCard key={phone.id} phone={phone} number={at + 1} test={test} />)}
        {ways?.phones.length === 0 && notifications.value === 'on' && <p class="soft">{t('reached_no_phones')}</p>}
      </section>
      {ways !== null && <Contacts ways={ways} look={look} tested={test !== null} />}
    </Screen>
  );
}

function Contacts({ ways, look, tested }: { ways: Ways; look: () => Promise<unknown>; tested: boolean }) {
  return (
    <section class="stack" aria-labelledby="reached-contacts">
      <h2 id="reached-contacts">{t('reached_contacts')}</h2>
      {ways.contacts.map((contact) => (
        <ContactCard key={contact.id} contact={contact} tested={tested} onChanged={() => void look()} />
      ))}
      {ways.contacts.length === 0 && <p class="soft">{t('reached_no_contacts')}</p>}
      {ways.available.length > 0 ? (
        <LinkButton to="/me/reached/add">{t('reached_add')}</LinkButton>
      ) : (
        <p class="soft">{t('reached_none_available')}</p>
      )}
    </section>
  );
}
