import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../domain/operation.ts';
import { editables, faults, payloadOf } from './editing.ts';

const entry = (kind: string, payload: object): Envelope => ({ kind, payload }) as unknown as Envelope;

describe('fields of a referral', () => {
  const set = entry('referral.set', { fields: { name: 'Kit', wait_minutes: 20, needs: ['shelter'], case_number: 'x'.repeat(61) } });

  it('open with their values; what is no text is shown and can only be left out', () => {
    expect(editables(set).map(({ key, text, keep }) => [key, text, keep])).toEqual([
      ['name', 'Kit', true],
      ['wait_minutes', '20', true],
      ['needs', null, true],
      ['case_number', 'x'.repeat(61), true],
    ]);
  });

  it('are looked at before they are sent', () => {
    const list = editables(set).map((each) => (each.key === 'wait_minutes' ? { ...each, text: 'soon' } : each));
    expect([...faults(list)]).toEqual([
      ['wait_minutes', 'no_number'],
      ['case_number', 'too_long'],
    ]);
    const none = list.map((each) => ({ ...each, keep: false }));
    expect([...faults(none).values()]).toEqual(['nothing']);
  });

  it('leave again as they are typed, without what is left out', () => {
    const list = editables(set).map((each) => {
      if (each.key === 'case_number') return { ...each, keep: false };
      return each.key === 'name' ? { ...each, text: '  ' } : each;
    });
    expect(payloadOf(set, list, 'agency')).toEqual({ fields: { name: null, wait_minutes: 20, needs: ['shelter'] } });
  });
});

it('of an act what was typed can be changed and the rest stays', () => {
  const contact = entry('contact.add', { how: 'phone', result: 'reached', text: 'too long' });
  const list = editables(contact);
  expect(list.map(({ key }) => key)).toEqual(['text']);
  expect(payloadOf(contact, [{ ...list[0]!, text: 'short' }], null)).toEqual({ how: 'phone', result: 'reached', text: 'short' });
});

it('codes are never opened as texts', () => {
  expect(editables(entry('referral.close', { reason: 'declined' }))).toEqual([]);
});

it('a referral that was refused begins for the author’s own agency', () => {
  expect(payloadOf(entry('referral.create', { pathway: 'arrest_diversion', agency_id: 'wrong' }), [], 'own')).toEqual({
    pathway: 'arrest_diversion',
    agency_id: 'own',
  });
  expect(payloadOf(entry('referral.create', { pathway: 'community', agency_id: null }), [], 'own')).toMatchObject({ agency_id: null });
});
