/** What a draft becomes: order, evidence, what is cited, and what must never travel. */
import { describe, expect, it } from 'vitest';
import { applyOperation, emptyState } from '../../domain/fold.ts';
import type { Committed, State } from '../../domain/records.ts';
import type { PackDocument } from '../../rules/model.ts';
import { emptyBody, type Body } from './body.ts';
import {
  alertActs, changed, closeActs, consentGap, detailsActs, detailsProblems, IDENTITY, leavingAlertActs, standingConsent, withdrawActs, type AlertContext, type Known,
} from './acts.ts';
import { clean } from './typed.ts';

const context: AlertContext = {
  agency_id: 'a-1', script: { version: '2', hash: 'f'.repeat(64) }, facts: {}, pack: null, callback: '555-0100', spoken: 'en',
  determination: { outcome: 'eligible', pack: 'p'.repeat(64), ask: [], confirm: [], reasons: [{ rule: 'adult', answer: 'yes', tier: 'bars', facts: [], missing: [] }] },
};
const consent: Body['consent'] = {
  method: 'camera', language: 'es', reader: 'read_aloud', interpreter: 'never mind', witness: 'left over', camera_reference: ' AX-12 ', signature: null,
};
const body = (patch: Partial<Body> = {}): Body => ({ ...emptyBody('arrest_diversion', '2026-11-21T02:10:00.000Z'), agreed: true, consent, ...patch });

/** A referral after these acts, as the phone folds its own operations. */
function after(acts: { kind: string; payload: object; saw?: string[] }[], state: State = emptyState('r', 'denver'), from = 0): Known & { ids: string[] } {
  const ids = acts.map((_, at) => `op-${from + at + 1}`);
  acts.forEach(({ kind, payload, saw = [] }, at) => {
    applyOperation(state, {
      v: 1, op_id: ids[at]!, program_id: 'denver', device_id: 'd', user_id: 'u', seq: from + at + 1, referral_id: 'r', prev: null, kind, payload,
      base: { d: from + at }, saw, made_at: `2026-11-21T02:1${at}:00.000Z`, clock_off_ms: null, app: { version: '1', pack: null },
      salt: '', digest: '', sig: null, role: 'officer',
    } as unknown as Committed);
  });
  return { state, view: null, ids };
}

describe('the alert', () => {
  it('says the referral, the yes, where and why, and calls, in this order', () => {
    const acts = alertActs(body({ fields: { place: ' Colfax ', wait_minutes: 15 } }), context);
    expect(acts.map(({ kind }) => kind)).toEqual(['referral.create', 'consent.grant', 'referral.set', 'referral.alert']);
    expect(acts[0]!.payload).toEqual({ pathway: 'arrest_diversion', agency_id: 'a-1' });
    expect(acts[2]!.payload).toEqual({
      fields: {
        incident_at: '2026-11-21T02:10:00.000Z', place: 'Colfax', wait_minutes: 15, callback: '555-0100',
        determination: { outcome: 'eligible', pack: 'p'.repeat(64), answers: { adult: 'yes' } },
      },
    });
    expect(acts[3]!.payload).toEqual({ officer_waiting: true });
  });

  it('says whose word was given before it calls', () => {
    const approval = { id: 'attorney', by: 'prosecutor', when: 'before_offer', applies_to: ['arrest_diversion'], text: {}, cite: '' };
    const pack = { hash: 'p', document: { practice: { approvals: [approval] }, rules: [] } } as unknown as PackDocument;
    const word = { by_name: 'Dana', how: 'radio', reason: '', given_at: '2026-11-21T02:05:00.000Z', state: 'given' } as const;
    const kinds = alertActs(body({ approvals: { attorney: word } }), { ...context, pack }).map(({ kind }) => kind);
    expect(kinds).toEqual(['referral.create', 'consent.grant', 'referral.set', 'approval.add', 'referral.alert']);
  });

  it('carries no identity, whatever the draft holds', () => {
    const fields = Object.fromEntries(IDENTITY.map((key) => [key, 'Canary']));
    const told = JSON.stringify(alertActs(body({ fields, note: 'Canary', safety: [{ about: 'other', text: 'Canary', observed_at: '' }] }), context));
    expect(told).not.toContain('Canary');
  });

  it('sends only the proof of the chosen method, and the interpreter only if there was one', () => {
    expect(alertActs(body(), context)[1]!.payload).toEqual({
      method: 'camera', language: 'es', script_version: '2', script_hash: 'f'.repeat(64), reader: 'read_aloud',
      interpreter: null, witness: null, camera_reference: 'AX-12', signature: null,
    });
    const interpreted = alertActs(body({ consent: { ...consent, reader: 'interpreter' } }), context)[1]!.payload;
    expect(interpreted).toMatchObject({ reader: 'interpreter', interpreter: 'never mind' });
  });

  it('is not made before the yes, nor without its proof', () => {
    expect(() => alertActs(body({ agreed: false }), context)).toThrow('yes');
    expect(() => alertActs(body({ consent: { ...consent, camera_reference: '  ' } }), context)).toThrow('yes');
  });

  it('says that the officer cannot wait, and leaves out a call-back that was emptied', () => {
    const acts = alertActs(body({ fields: { wait_minutes: 0, callback: '' } }), { ...context, determination: null });
    expect(acts[3]!.payload).toEqual({ officer_waiting: false });
    expect(acts[2]!.payload).toEqual({
      fields: { incident_at: '2026-11-21T02:10:00.000Z', wait_minutes: 0, determination: { outcome: 'needs_review', pack: null, answers: {} } },
    });
  });
});

describe('the alert of an officer who leaves', () => {
  it('asks for a coordinator without anybody waiting, and says at once that the officer left', () => {
    const acts = leavingAlertActs(body({ fields: { place: 'Colfax', wait_minutes: 30 } }), context);
    expect(acts.map(({ kind }) => kind)).toEqual(['referral.create', 'consent.grant', 'referral.set', 'referral.alert', 'officer.leave']);
    expect(acts[2]!.payload).toMatchObject({ fields: { place: 'Colfax', wait_minutes: 0 } });
    expect([acts[3]!.payload, acts[4]!.payload]).toEqual([{ officer_waiting: false }, { reason: 'after_hours' }]);
  });

  it('needs the yes like any other', () => {
    expect(() => leavingAlertActs(body({ agreed: false }), context)).toThrow('yes');
  });
});

describe('the proof of a yes', () => {
  const gap = (patch: Partial<Body['consent']>) => consentGap({ ...consent, camera_reference: '', ...patch });

  it('belongs to the method', () => {
    expect(gap({ method: null })).toBe('method');
    expect(gap({ method: 'camera' })).toBe('camera_reference');
    expect(gap({ method: 'witness', witness: '' })).toBe('witness');
    expect(gap({ method: 'witness' })).toBeNull();
    expect(gap({ method: 'phone' })).toBeNull();
  });

  it('by signature needs a stroke', () => {
    expect(gap({ method: 'signature' })).toBe('signature');
    expect(gap({ method: 'signature', signature: { width: 9, height: 9, strokes: [[]] } })).toBe('signature');
    expect(gap({ method: 'signature', signature: { width: 9, height: 9, strokes: [[1, 2]] } })).toBeNull();
  });
});

describe('details', () => {
  const referral = () => after(alertActs(body({ fields: { place: 'Colfax' } }), context));
  const details = (patch: Partial<Body>): Body => body({ details_of: 'r', ...patch });

  it('cite the consent for identity, and not for the rest', () => {
    const known = referral();
    const acts = detailsActs(details({ fields: { name: 'Ana', needs: ['food'], case_number: '26-1' } }), known);
    expect(acts).toEqual([
      { kind: 'referral.set', payload: { fields: { needs: ['food'], case_number: '26-1' } } },
      { kind: 'referral.set', payload: { fields: { name: 'Ana' } }, saw: [known.ids[1]] },
    ]);
  });

  it('hold only what differs from what the referral has', () => {
    const known = referral();
    const first = details({ fields: { name: 'Ana', place: 'Colfax' } });
    const acts = detailsActs(first, known);
    expect(acts).toHaveLength(1);
    const then = after(acts, known.state, 4);
    expect(detailsActs(first, then)).toEqual([]);
    expect(changed({ name: 'Ana ', age_years: 30, place: '' }, then)).toEqual({ age_years: 30, place: null });
  });

  it('are nothing when nothing was written, and an emptied field that never had a value is nothing', () => {
    expect(detailsActs(details({ fields: { alias: '', needs: [] }, note: '  ' }), referral())).toEqual([]);
  });

  it('add notes, and observations that expire after twelve hours', () => {
    const safety = [{ about: 'weapon' as const, text: ' knife ', observed_at: '2026-11-21T02:20:00.000Z' }];
    expect(detailsActs(details({ note: ' likes dogs ', safety }), referral())).toEqual([
      { kind: 'safety.add', payload: { about: 'weapon', text: 'knife', observed_at: '2026-11-21T02:20:00.000Z', expires_at: '2026-11-21T14:20:00.000Z' } },
      { kind: 'note.add', payload: { text: 'likes dogs' } },
    ]);
  });

  it('carry no identity, note or observation once the yes was taken back', () => {
    const known = referral();
    after(withdrawActs(known), known.state, 4);
    expect(standingConsent(known)).toBeNull();
    const acts = detailsActs(details({ fields: { name: 'Ana', case_number: '26-1' }, note: 'x' }), known);
    expect(acts).toEqual([{ kind: 'referral.set', payload: { fields: { case_number: '26-1' } } }]);
  });

  it('refuse an age or a birth date that the server would refuse', () => {
    expect(detailsProblems(details({ fields: { age_years: 121, birth_date: '0190-01-01' } }))).toEqual(['age_years', 'birth_date']);
    expect(detailsProblems(details({ fields: { age_years: 120, birth_date: '1990-01-01' } }))).toEqual([]);
    expect(detailsProblems(details({ fields: { age_years: null, birth_date: '' } }))).toEqual([]);
  });
});

describe('text', () => {
  it('never ends in half an emoji, which has no canonical form', () => {
    expect(clean('ok \u{1F600}'.slice(0, 4))).toBe('ok \uFFFD');
    expect(clean('\u{1F600} ok\uDE00')).toBe('\u{1F600} ok\uFFFD');
  });
});

describe('the ends', () => {
  it('close with a reason, and withdraw citing the yes', () => {
    const known = after(alertActs(body(), context));
    expect(closeActs('person_left')).toEqual([{ kind: 'referral.close', payload: { reason: 'person_left' } }]);
    expect(withdrawActs(known)).toEqual([{ kind: 'consent.withdraw', payload: { reason: null }, saw: [known.ids[1]] }]);
    expect(withdrawActs(undefined)[0]!.saw).toEqual([]);
  });

  it('stand until a grant that names the withdrawal', () => {
    const known = after(alertActs(body(), context));
    const [withdrawal] = after(withdrawActs(known), known.state, 4).ids;
    const again = { ...alertActs(body(), context)[1]!, saw: [withdrawal!] };
    const { ids } = after([again], known.state, 5);
    expect(standingConsent(known)).toBe(ids[0]);
  });
});
