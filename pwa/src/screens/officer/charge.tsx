/** The charges of this arrest, from the program's own list, each with the conditions that matter under it. */
import { useState } from 'preact/hooks';
import { shownLanguage, t } from '../../state/language.ts';
import { UNLISTED, type Charge as Listed, type Pack } from '../../rules/model.ts';
import { Button } from '../parts/index.ts';
import type { FactValue } from './body.ts';
import { FactInput } from './fact_input.tsx';
import { condition, conditionsOf, findCharges, toggleCharge } from './flow.ts';
import { InView } from './in_view.tsx';
import { Line } from './line.tsx';
import { Step } from './step.tsx';
import type { Way } from './way.ts';

/** More than this is searched rather than scrolled. */
const SEARCH_FROM = 6;

export function Charge({ way }: { way: Way }) {
  const pack = way.pack?.document;
  const main = (
    <Button kind="act" onClick={() => way.next()}>
      {t('continue')}
    </Button>
  );
  return (
    <Step way={way} title={t('officer_charge')} main={main}>
      {pack && pack.charges.length > 0 ? <ChargeList way={way} pack={pack} /> : <p class="notice">{t('officer_no_charges')}</p>}
    </Step>
  );
}

function ChargeList({ way, pack }: { way: Way; pack: Pack }) {
  const [search, setSearch] = useState('');
  const { charges } = way.body;
  const found = findCharges(pack, search);
  const shown = findCharges(pack, '').filter((each) => found.includes(each) || charges.includes(each.code));
  return (
    <>
      {pack.charges.length > SEARCH_FROM && (
        <Line label={t('officer_charge_search')} type="search" enterKeyHint="search" value={search} onInput={setSearch} />
      )}
      <fieldset class="options">
        <legend class="hidden">{t('officer_charge')}</legend>
        <div class="rows">
          {shown.map((charge) => (
            <ChargeRow key={charge.code} way={way} pack={pack} charge={charge} />
          ))}
          <label class="row">
            <input type="checkbox" checked={charges.includes(UNLISTED)} onChange={() => way.change(toggleCharge(way.body, UNLISTED, pack))} />
            <span>
              {t('officer_unlisted')}
              <span class="hint">{t('officer_unlisted_hint')}</span>
            </span>
          </label>
        </div>
      </fieldset>
      {found.length === 0 && <p role="status">{t('officer_charge_none')}</p>}
    </>
  );
}

const LEVELS = {
  state: 'officer_level_state',
  county: 'officer_level_municipal',
  municipal: 'officer_level_municipal',
  not_stated: null,
} as const;

function ChargeRow({ way, pack, charge }: { way: Way; pack: Pack; charge: Listed }) {
  const { body, change } = way;
  const chosen = body.charges.includes(charge.code);
  const level = LEVELS[charge.level];
  const hint = [level && t(level), charge.class].filter(Boolean).join(' · ');
  return (
    <>
      <label class="row">
        <input type="checkbox" checked={chosen} onChange={() => change(toggleCharge(body, charge.code, pack))} />
        <span>
          {charge.title[shownLanguage.value]}
          {hint && <span class="hint">{hint}</span>}
        </span>
      </label>
      {chosen && (
        <InView kind="under">
          {conditionsOf([charge.code], pack).map((id) => {
            const fact = pack.facts.find((each) => each.id === id)!;
            const tell = (value: FactValue | undefined): void => change(condition(body, id, value));
            return <FactInput key={id} fact={fact} value={body.facts[id]} onAnswer={tell} onType={tell} />;
          })}
        </InView>
      )}
    </>
  );
}
