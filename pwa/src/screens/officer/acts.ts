/**
 * What a draft becomes when it is sent: the acts of the alert, of the details, and of the ends of a referral.
 *
 * Pure. Answers for what is said, in which order, and citing what. State makes signed operations of it and stores them;
 * the server decides. Before the person's yes there is nothing to send, and the alert itself carries no identity.
 */
import { standingGrant } from '../../domain/fold.ts';
import { canonical } from '../../domain/operation.ts';
import type { Act, ReferralRecord } from '../../state/types.ts';
import type { Determination, PackDocument } from '../../rules/model.ts';
import { wordActs } from './approvals.ts';
import type { About, Body, ConsentDraft, FieldValue, Language } from './body.ts';
import { clean } from './typed.ts';
import { leaveActs } from './waiting.ts';

/** How long a safety observation is shown to the coordinator. It is then history, not a label on a person. */
export const OBSERVATION_HOURS = 12;
export const ABOUTS: readonly About[] = ['weapon', 'medical', 'withdrawal', 'self_harm', 'other'];
/** The fields that say who the person is; they travel only with the consent's id. */
export const IDENTITY = ['name', 'alias', 'birth_date', 'age_years', 'language', 'contact', 'safe_to_contact', 'card_number'];
const WITH_ALERT = ['case_number', 'unit', 'place', 'gps', 'wait_minutes', 'callback'];

export type Known = Pick<ReferralRecord, 'state' | 'view'>;

export interface Script {
  version: string;
  hash: string;
}

const textOrNull = (text: string): string | null => clean(text) || null;

/** A field as it is sent: empty text and an empty list clear it. */
function tidy(value: FieldValue): FieldValue {
  if (typeof value === 'string') return textOrNull(value);
  return Array.isArray(value) && value.length === 0 ? null : value;
}

const PROOF = { witness: 'witness', camera: 'camera_reference' } as const;

export type ConsentGap = 'method' | 'signature' | 'witness' | 'camera_reference';

/** What is still missing before the yes counts as recorded; null when nothing is. */
export function consentGap(consent: ConsentDraft): ConsentGap | null {
  const { method } = consent;
  if (method === null) return 'method';
  if (method === 'signature') return consent.signature?.strokes.some((stroke) => stroke.length > 0) ? null : 'signature';
  if (method === 'phone') return null;
  return clean(consent[PROOF[method]]) ? null : PROOF[method];
}

function grant(consent: ConsentDraft, script: Script, spoken: Language): Act {
  const { method, reader, signature } = consent;
  const payload = {
    method,
    language: consent.language ?? spoken,
    script_version: script.version,
    script_hash: script.hash,
    reader,
    interpreter: reader === 'interpreter' ? textOrNull(consent.interpreter) : null,
    witness: method === 'witness' ? textOrNull(consent.witness) : null,
    camera_reference: method === 'camera' ? textOrNull(consent.camera_reference) : null,
    signature: method === 'signature' ? signature : null,
  };
  return { kind: 'consent.grant', payload, saw: [] };
}

function determined(determination: Determination | null): FieldValue {
  const answers = Object.fromEntries((determination?.reasons ?? []).map(({ rule, answer }) => [rule, answer]));
  const said = { outcome: determination?.outcome ?? 'needs_review', pack: determination?.pack ?? null, answers };
  return said as unknown as FieldValue;
}

export interface AlertContext {
  agency_id: string | null;
  script: Script;
  /** The rules that the draft began with. */
  pack: PackDocument | null;
  determination: Determination | null;
  /** The facts as judged. */
  facts: Body['facts'];
  /** The officer's own number, where no other was typed. */
  callback: string | null;
  /** The language that the script was shown in, where none was chosen. */
  spoken: Language;
}

/** The first submission of an officer who does not wait for anybody: the same, and the departure with it. */
export const leavingAlertActs = (body: Body, context: AlertContext): Act[] => [
  ...alertActs({ ...body, fields: { ...body.fields, wait_minutes: 0 } }, context),
  ...leaveActs('after_hours'),
];

/** The first submission, in order: the referral, the yes, where and why, whose word was given, and the demand for a coordinator. */
export function alertActs(body: Body, context: AlertContext): Act[] {
  if (!body.agreed || consentGap(body.consent) !== null) throw new Error('An alert needs the person’s yes and how it was given.');
  const fields: Record<string, FieldValue> = {
    incident_at: body.begun_at,
    determination: determined(context.determination),
    ...(body.charges.length > 0 ? { charges: body.charges } : {}),
    ...(Object.keys(context.facts).length > 0 ? { facts: context.facts as unknown as FieldValue } : {}),
  };
  for (const key of WITH_ALERT) {
    const value = tidy(body.fields[key] ?? (key === 'callback' && !(key in body.fields) ? context.callback : null));
    if (value !== null) fields[key] = value;
  }
  return [
    { kind: 'referral.create', payload: { pathway: body.pathway, agency_id: context.agency_id } },
    grant(body.consent, context.script, context.spoken),
    { kind: 'referral.set', payload: { fields } },
    ...wordActs(body, context.pack, context.determination),
    { kind: 'referral.alert', payload: { officer_waiting: body.fields['wait_minutes'] !== 0 } },
  ];
}

const same = (a: FieldValue, b: FieldValue): boolean => canonical(a) === canonical(b);

/** A field's value as the referral has it now, as far as this phone may see; null when it has none. */
export const sent = (known: Known | undefined, key: string): FieldValue =>
  (known?.state.registers[key]?.value as FieldValue | undefined) ?? null;

/** The fields whose value differs from what the referral already has. */
export function changed(fields: Body['fields'], known: Known | undefined): Record<string, FieldValue> {
  const tidied = Object.entries(fields).map(([key, value]) => [key, tidy(value)] as const);
  return Object.fromEntries(tidied.filter(([key, value]) => !same(value, sent(known, key))));
}

/** The yes that identity may cite. Null: none, no identity may be sent. */
export const standingConsent = (known: Known | undefined): string | null => standingGrant(known?.state.consent ?? {});

/** Only what is new since the last time: changed fields, a note, observations. Empty when there is nothing to send. */
export function detailsActs(body: Body, known: Known | undefined, consent = standingConsent(known)): Act[] {
  const fields = Object.entries(changed(body.fields, known));
  const identity = fields.filter(([key]) => IDENTITY.includes(key));
  const others = fields.filter(([key]) => !IDENTITY.includes(key));
  const acts: Act[] = [];
  if (others.length > 0) acts.push({ kind: 'referral.set', payload: { fields: Object.fromEntries(others) } });
  if (consent !== null) {
    if (identity.length > 0) acts.push({ kind: 'referral.set', payload: { fields: Object.fromEntries(identity) }, saw: [consent] });
    acts.push(...body.safety.map(observation));
    if (clean(body.note)) acts.push({ kind: 'note.add', payload: { text: clean(body.note) } });
  }
  return acts;
}

const OLDEST_YEARS = 120;

/** Fields whose value the server would refuse: said before sending, so that nothing comes back. */
export function detailsProblems({ fields }: Body): ('age_years' | 'birth_date')[] {
  const { age_years, birth_date } = fields;
  const unborn = typeof birth_date === 'string' && birth_date !== '' && !/^(19|20)\d\d-\d\d-\d\d$/.test(birth_date);
  return [
    ...(typeof age_years === 'number' && age_years > OLDEST_YEARS ? (['age_years'] as const) : []),
    ...(unborn ? (['birth_date'] as const) : []),
  ];
}

function observation({ about, text, observed_at }: Body['safety'][number]): Act {
  const expires_at = new Date(Date.parse(observed_at) + OBSERVATION_HOURS * 3_600_000).toISOString();
  return { kind: 'safety.add', payload: { about, text: clean(text), observed_at, expires_at } };
}

/** The person has gone, or the referral was made by mistake. */
export const closeActs = (reason: 'person_left' | 'entered_by_mistake'): Act[] => [{ kind: 'referral.close', payload: { reason } }];

/** The person takes the yes back. Nothing blocks it. */
export function withdrawActs(known: Known | undefined): Act[] {
  const consent = standingConsent(known);
  return [{ kind: 'consent.withdraw', payload: { reason: null }, saw: consent === null ? [] : [consent] }];
}
