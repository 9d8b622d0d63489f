/**
 * A release of information while it is typed: what is missing, and the act that it becomes. Pure; the day is an argument.
 *
 * A release is signed: the form records the signature's place and day, and offers no way to record a spoken yes.
 */
import { LIMITS, type INFORMATION, type RECIPIENTS } from '../../domain/fields.ts';
import type { Payloads } from '../../domain/operation.ts';
import type { State } from '../../domain/records.ts';
import type { Act } from '../../state/types.ts';
import { clean } from './text.ts';

export type RecipientKind = (typeof RECIPIENTS)[number];
export type Information = (typeof INFORMATION)[number];

export interface Typed {
  kind: RecipientKind | null;
  name: string;
  information: Information[];
  purpose: string;
  signed_how: Payloads['release.give']['signed_how'] | null;
  signed_on: string;
  expires_on: string;
}

export type Missing = 'kind' | 'name' | 'information' | 'purpose' | 'signed_how' | 'signed_on' | 'expires_on';

const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Noon: the same day in every zone that a program of this country has. */
const noon = (day: string): string => `${day}T12:00:00Z`;

const daysBetween = (from: string, until: string): number => (Date.parse(noon(until)) - Date.parse(noon(from))) / DAY_MS;

export const nothingTyped = (today: string): Typed => ({
  kind: null, name: '', information: [], purpose: '', signed_how: null, signed_on: today, expires_on: '',
});

/** What a person still has to give, in the order of the form. */
export function missing(typed: Typed, today: string): Missing[] {
  const signed = DAY.test(typed.signed_on) && typed.signed_on <= today;
  const days = DAY.test(typed.expires_on) && signed ? daysBetween(typed.signed_on, typed.expires_on) : -1;
  const ends = days >= 0 && days <= LIMITS.release_days && typed.expires_on >= today;
  const wrong: Record<Missing, boolean> = {
    kind: typed.kind === null,
    name: clean(typed.name) === '',
    information: typed.information.length === 0,
    purpose: clean(typed.purpose) === '',
    signed_how: typed.signed_how === null,
    signed_on: !signed,
    expires_on: !ends,
  };
  return (Object.keys(wrong) as Missing[]).filter((key) => wrong[key]);
}

/** The act, in sight of every withdrawal that stands on the screen: one that was not seen ends the release. */
export function giveAct(typed: Typed, { consent }: Pick<State, 'consent'>): Act {
  const { kind, name, information, purpose, signed_how, signed_on, expires_on } = typed;
  const withdrawals = Object.keys(consent).filter((id) => consent[id]?.kind === 'withdrawal');
  const payload = {
    recipient: { kind, name: clean(name) },
    information,
    purpose: clean(purpose),
    expires_on,
    signed_how,
    signed_at: noon(signed_on),
  };
  return { kind: 'release.give', payload, saw: withdrawals.slice(-LIMITS.saw) };
}

export const revokeAct = (release: string, reason: string): Act => ({
  kind: 'release.revoke', payload: { release, reason: clean(reason) }, saw: [release],
});
