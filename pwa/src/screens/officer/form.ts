/** The details of one referral as a form: what was sent, with what this phone has written since on top. */
import { edit, newDraft } from '../../state/drafts.ts';
import { opOf } from '../conflicts/meanwhile.ts';
import { sent, type Known } from './acts.ts';
import { emptyBody, type Body, type FieldValue, type OfficerDraft } from './body.ts';
import { detailsDraft } from './list.ts';
import { officerDrafts } from './way.ts';

export interface DetailsForm {
  draft: OfficerDraft | undefined;
  body: Body;
  pathway: Body['pathway'];
  value: (key: string) => FieldValue;
  text: (key: string) => string;
  set: (key: string, value: FieldValue) => void;
  /** Takes one's own word back: the field shows what the referral has. */
  leave: (key: string) => void;
  change: (patch: Partial<Body>) => void;
}

/** The first change begins the draft; every change is saved at once on top of what the draft says by then. */
export function formOf(referral_id: string, known: Known | undefined): DetailsForm {
  const find = (): OfficerDraft | undefined => detailsDraft(officerDrafts(), referral_id);
  const draft = find();
  const origin = sent(known, 'origin') as { pathway?: Body['pathway'] } | null;
  const pathway = origin?.pathway ?? draft?.body.pathway ?? 'arrest_diversion';
  const empty = (): Body => ({ ...emptyBody(pathway, new Date().toISOString()), details_of: referral_id });
  const change = (patch: Partial<Body>): void => {
    const present = find();
    if (present) edit(present.draft_id, patch);
    else newDraft<Body>({ ...empty(), ...patch }, referral_id);
  };
  const body = draft?.body ?? empty();
  const value = (key: string): FieldValue => (key in body.fields ? (body.fields[key] ?? null) : sent(known, key));
  return {
    draft,
    body,
    pathway,
    value,
    text: (key) => (value(key) === null ? '' : String(value(key))),
    set: (key, next) => {
      const { fields, seen } = find()?.body ?? {};
      change({ fields: { ...fields, [key]: next }, seen: { [key]: opOf(known, key), ...seen } });
    },
    leave: (key) => {
      const { [key]: _mine, ...fields } = find()?.body.fields ?? {};
      const { [key]: _op, ...seen } = find()?.body.seen ?? {};
      change({ fields, seen });
    },
    change,
  };
}
