/** Who may refer in this program, and what to say to somebody who may not: also they leave with a way on. */
import { shownLanguage, t } from '../../state/language.ts';
import { packInForce } from '../../state/packs.ts';

const PATHWAYS = { arrest_diversion: 'officer_arrest', social_contact: 'officer_social', community: 'officer_community' } as const;

export function MayRefer() {
  const pack = packInForce.value?.document;
  if (!pack) return null;
  return (
    <details class="more">
      <summary>{t('officer_may_refer')}</summary>
      {(Object.keys(PATHWAYS) as (keyof typeof PATHWAYS)[]).map((pathway) => {
        const admitted = pack.pathways[pathway];
        return (
          admitted && (
            <p key={pathway}>
              <strong>{t(PATHWAYS[pathway])}</strong>
              <span class="hint">{admitted.map((each) => t(`officer_refers_${each}`)).join(', ')}</span>
            </p>
          )
        );
      })}
      <p>{pack.way_on[shownLanguage.value]}</p>
    </details>
  );
}
