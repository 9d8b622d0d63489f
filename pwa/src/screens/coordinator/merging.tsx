/** The same person twice: on a referral, what it was merged with and what may be the same person. */
import { useState } from 'preact/hooks';
import { announce } from '../../state/announce.ts';
import { t } from '../../state/language.ts';
import { record as recordOf, records } from '../../state/records.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { rootOf, mergedInto } from '../../domain/merging.ts';
import { Button, Card, LinkButton } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { alike, linksAmong, mergedWith } from './merging.ts';
import { numberInWords } from './merging_words.ts';
import { useSubmit } from './use_submit.ts';

/** Parts one referral from what it was merged into; asked once more, because two lists of work come of it. */
function Part({ record, into }: { record: ReferralRecord; into: string }) {
  const [asking, setAsking] = useState(false);
  const { busy, failed, send } = useSubmit(record.id);
  const part = async (): Promise<void> => {
    if (await send([{ kind: 'referral.unmerge', payload: { into } }])) announce(t('merging_parted'));
  };
  if (!asking) return <Button onClick={() => setAsking(true)}>{t('merging_part', { number: numberInWords(record) })}</Button>;
  return (
    <div class="form">
      <p>{t('merging_part_lead')}</p>
      <Button kind="danger" busy={busy} onClick={() => void part()}>
        {t('merging_part_now')}
      </Button>
      <Button kind="quiet" onClick={() => setAsking(false)}>
        {t('merging_keep')}
      </Button>
      <Failed when={failed} />
    </div>
  );
}

function Elsewhere({ record, root }: { record: ReferralRecord; root: ReferralRecord }) {
  return (
    <Card title={t('merging_into', { number: numberInWords(root) })} tone="wait">
      <p>{t('merging_into_lead')}</p>
      <LinkButton kind="act" to={`/referral/${root.id}`}>
        {t('merging_open', { number: numberInWords(root) })}
      </LinkButton>
      <Part record={record} into={mergedInto(record.state) ?? root.id} />
    </Card>
  );
}

function Here({ others }: { others: ReferralRecord[] }) {
  return (
    <Card title={t('merging_here')}>
      <p class="soft">{t('merging_here_lead')}</p>
      <ul class="entries">
        {others.map((other) => (
          <li key={other.id}>
            <LinkButton to={`/referral/${other.id}`}>{t('merging_open', { number: numberInWords(other) })}</LinkButton>
            <Part record={other} into={mergedInto(other.state) ?? ''} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Perhaps({ record }: { record: ReferralRecord }) {
  const found = alike(record, records.value);
  if (found.length === 0) return null;
  return (
    <Card title={t('merging_same')}>
      <p class="soft">{t('merging_same_lead')}</p>
      <ul class="entries">
        {found.map(({ record: other, reasons }) => (
          <li key={other.id}>
            <p>
              <strong>{numberInWords(other)}</strong>
              {` · ${reasons.map((reason) => t(`merging_reason_${reason}`)).join(' · ')}`}
            </p>
            <LinkButton to={`/referral/${record.id}/merge/${other.id}`}>{t('merging_compare', { number: numberInWords(other) })}</LinkButton>
          </li>
        ))}
      </ul>
    </Card>
  );
}

export default function Merging({ record }: { record: ReferralRecord }) {
  const links = linksAmong(records.value);
  const root = recordOf(rootOf(links, record.id));
  if (root !== undefined && root.id !== record.id) return <Elsewhere record={record} root={root} />;
  const others = mergedWith(record, links).flatMap((id) => recordOf(id) ?? []);
  return (
    <>
      {others.length > 0 && <Here others={others} />}
      <Perhaps record={record} />
    </>
  );
}
