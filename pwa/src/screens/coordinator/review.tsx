/** What is still to find out, one group a screen, by who can know it. Answers are for program staff alone, and save by themselves. */
import { useState } from 'preact/hooks';
import { submit } from '../../state/compose.ts';
import { t } from '../../state/language.ts';
import { record as recordOf } from '../../state/records.ts';
import { go } from '../../state/router.ts';
import { program } from '../../state/session.ts';
import type { ReferralRecord } from '../../state/types.ts';
import { Button, Screen } from '../parts/index.ts';
import { Failed } from './answer.tsx';
import { FactInput } from './fact_input.tsx';
import { isPack } from './pack.ts';
import { groupsToAsk, isAsked, judge, reviewFacts, type Asked, type FactValue } from './rules.ts';
import { PackLine, useAnnounced, useRulesOf } from './rules.tsx';
import { word } from './wording.ts';

let last: Promise<unknown> = Promise.resolve();

/** One after the other: all answers are one field, and each must see the one before. */
function save(referral_id: string, fact: string, value: FactValue): Promise<unknown> {
  last = last
    .catch(() => undefined)
    .then(async () => {
      const record = recordOf(referral_id);
      if (record === undefined || reviewFacts(record)[fact] === value) return;
      const review_facts = { ...reviewFacts(record), [fact]: value };
      await submit(referral_id, [{ kind: 'referral.set', payload: { fields: { review_facts } } }]);
    });
  return last;
}

export function Review({ record, group }: { record: ReferralRecord; group: string }) {
  const found = useRulesOf(record);
  const [failed, setFailed] = useState(false);
  const home = `/referral/${record.id}`;
  const judged = isPack(found) ? judge(record, found, program.value?.time_zone) : null;
  useAnnounced(judged === null ? '' : t('co_rules_now', { outcome: word('outcome', judged.outcome) }));
  const groups = isPack(found) && judged !== null ? groupsToAsk(record, found.document, judged) : [];
  const asked: Asked = isAsked(group) ? group : 'coordinator';
  const at = groups.findIndex((each) => each.asked === asked);
  const here = groups[at];
  const next = groups[at + 1];
  const answer = (fact: string, value: FactValue): void => {
    setFailed(false);
    save(record.id, fact, value).catch(() => setFailed(true));
  };
  const own = reviewFacts(record);
  return (
    <Screen
      title={t(`co_asked_${asked}`)}
      progress={here && t('co_assessment_progress', { n: here.answered, of: here.facts.length })}
      back={() => go(home)}
      main={
        <Button kind="act" onClick={() => go(next ? `${home}/rules/${next.asked}` : home)}>
          {next ? t(`co_asked_${next.asked}`) : t('co_assessment_done')}
        </Button>
      }
    >
      <p class="soft">{t('co_review_lead')}</p>
      {judged !== null && <p class="state plain">{t('co_rules_now', { outcome: word('outcome', judged.outcome) })}</p>}
      <Failed when={failed} />
      <PackLine found={found} />
      {isPack(found) && judged === null && <p class="state wait">{t('co_pack_unreadable')}</p>}
      {judged !== null && !here && <p>{t('co_confirm_none')}</p>}
      {isPack(found) &&
        here?.facts.map((fact) => (
          <div key={fact.id} class="item">
            <FactInput
              referral_id={record.id}
              pack={found.document}
              fact={fact}
              value={own[fact.id]}
              onAnswer={(value) => answer(fact.id, value)}
            />
          </div>
        ))}
    </Screen>
  );
}
