/** Waiting: since when, the words of the clock, when leaving is offered, the service's hours, and the text message. */
import { describe, expect, it } from 'vitest';
import { emptyState } from '../../domain/fold.ts';
import { shortReference } from '../../state/reference.ts';
import type { PageStatus, ProgramDocument, State } from '../../state/types.ts';
import { clockWords, closedUntil, departed, leaveActs, leaveReason, morningOf, textLink, waitingSince } from './waiting.ts';

const ALERTED = '2026-11-21T02:10:00.000Z';
const OPENED = '2026-11-21T02:14:00.000Z';
const ms = (at: string): number => Date.parse(at);

function state(status: string | null, by = 'me', more: Record<string, unknown> = {}): State {
  const made = emptyState('r', 'denver');
  const register = (value: unknown, at = ALERTED) => ({ value, op: 'o', device: 'd', seq: 1, by, at, base: {}, rank: 0 }) as never;
  if (status !== null) made.registers['status'] = register(status);
  for (const [key, value] of Object.entries(more)) made.registers[key] = register(value);
  return made;
}
const page = (patch: Partial<PageStatus> = {}): PageStatus => ({
  state: 'open', opened_at: OPENED, step: 0, next_step_at: null, acknowledged_by: null, eta_at: null, ack_expires_at: null,
  calling: 'on_call', called: ['c'], until: null, left: null, ...patch,
});
const LEFT = { departure: { how: 'with_card', reason: 'after_hours' } };

describe('the wait', () => {
  it('begins with the officer’s own alert, before and after the server has it', () => {
    expect(waitingSince({ state: state('submitted'), page: null }, 'me')).toBe(ms(ALERTED));
    expect(waitingSince({ state: state('submitted'), page: page() }, 'me')).toBe(ms(ALERTED));
  });

  it('is the page’s where the present status is another’s writing, as after an answer that was taken back', () => {
    expect(waitingSince({ state: state('submitted', 'server'), page: page() }, 'me')).toBe(ms(OPENED));
    expect(waitingSince({ state: state('acknowledged', 'c'), page: page({ calling: 'given' }) }, 'me')).toBe(ms(OPENED));
  });

  it('ends with an answer, with the meeting however it went, with the end, and when the officer leaves', () => {
    expect(waitingSince({ state: state('acknowledged', 'c'), page: page({ state: 'acknowledged' }) }, 'me')).toBeNull();
    expect(waitingSince({ state: state('acknowledged', 'c'), page: null }, 'me')).toBeNull();
    for (const status of ['handed_off', 'not_met', 'deferred', 'closed']) {
      expect([status, waitingSince({ state: state(status), page: page() }, 'me')]).toEqual([status, null]);
    }
    expect(waitingSince({ state: state('submitted', 'me', LEFT), page: page() }, 'me')).toBeNull();
    expect(waitingSince({ state: state(null), page: null }, 'me')).toBeNull();
  });

  it('bears a page from an older server', () => {
    const { called: _, until: __, left: ___, ...old } = page({ calling: 'coordinator' });
    expect(waitingSince({ state: state('submitted'), page: old }, 'me')).toBe(ms(ALERTED));
    expect(morningOf({ state: state('submitted'), page: { ...old, calling: 'morning' } })).toBeNull();
  });
});

it.each([
  [0, '0:00'], [999, '0:00'], [1000, '0:01'], [192_000, '3:12'], [599_999, '9:59'], [600_000, '10:00'], [3_599_999, '59:59'],
  [3_600_000, '1:00:00'], [3_792_000, '1:03:12'], [90_061_000, '25:01:01'], [-5000, '0:00'],
])('the clock shows %i ms as %s', (waited, words) => {
  expect(clockWords(waited)).toBe(words);
});

describe('leaving with the card', () => {
  const waited = (minutes: number): number => ms(ALERTED) + minutes * 60_000;
  const reason = (made: State, of: PageStatus | null, minutes: number) =>
    leaveReason({ state: made, page: of }, waitingSince({ state: made, page: of }, 'me'), waited(minutes), 10);

  it('is offered exactly when the program’s minutes have passed without an answer, sent or not', () => {
    for (const of of [page(), page({ calling: 'nobody', called: [] }), null]) {
      expect(reason(state('submitted'), of, 9.99)).toBeNull();
      expect(reason(state('submitted'), of, 10)).toBe('nobody_answered');
    }
  });

  it('is offered at once where nobody is called before the morning', () => {
    expect(reason(state('submitted'), page({ calling: 'morning', until: OPENED }), 0)).toBe('after_hours');
  });

  it('is offered where the coordinator put the meeting off, for as long as a shift lasts', () => {
    const put_off = state('deferred', 'c');
    expect(reason(put_off, page({ state: 'closed' }), 1)).toBe('cannot_come');
    expect(reason(put_off, page({ state: 'closed' }), 12 * 60 - 1)).toBe('cannot_come');
    expect(reason(put_off, page({ state: 'closed' }), 12 * 60)).toBeNull();
  });

  it('is not offered once somebody has it, it has ended, or the officer has left', () => {
    expect(reason(state('acknowledged', 'c'), page({ state: 'acknowledged' }), 60)).toBeNull();
    for (const status of ['handed_off', 'not_met', 'closed']) expect(reason(state(status, 'c'), page({ state: 'closed' }), 60)).toBeNull();
    expect(reason(state('submitted', 'me', LEFT), page(), 60)).toBeNull();
    expect(reason(state('deferred', 'c', LEFT), page({ state: 'closed' }), 1)).toBeNull();
    expect(departed({ state: state('submitted') })).toBe(false);
  });

  it('says why and nothing else', () => {
    expect(leaveActs('cannot_come')).toEqual([{ kind: 'officer.leave', payload: { reason: 'cannot_come' } }]);
  });
});

describe('the service’s hours', () => {
  const weekdays = [0, 1, 2, 3, 4].map((weekday) => ({ weekday, start: '08:00', end: '17:00' }));
  const program = (behaviour: 'page' | 'next_morning', more: Partial<ProgramDocument> = {}) => ({
    time_zone: 'America/Denver', service_hours: weekdays,
    after_hours: [
      { pathway: 'arrest_diversion', officer_waiting: false, behaviour: 'page' as const },
      { pathway: 'arrest_diversion', officer_waiting: true, behaviour },
    ],
    ...more,
  });
  const friday_night = ms('2026-11-21T03:00:00Z');

  it('are told where the policy for this pathway and this waiting lets people sleep', () => {
    expect(closedUntil(program('next_morning'), 'arrest_diversion', true, friday_night)).toBe(ms('2026-11-23T15:00:00Z'));
    expect(closedUntil(program('next_morning'), 'arrest_diversion', false, friday_night)).toBeNull();
    expect(closedUntil(program('next_morning'), 'social_contact', true, friday_night)).toBeNull();
    expect(closedUntil(program('page'), 'arrest_diversion', true, friday_night)).toBeNull();
  });

  it('say nothing within them, without any, and to a phone that does not know them yet', () => {
    expect(closedUntil(program('next_morning'), 'arrest_diversion', true, ms('2026-11-20T23:59:59Z'))).toBeNull();
    expect(closedUntil(program('next_morning'), 'arrest_diversion', true, ms('2026-11-21T00:00:00Z'))).not.toBeNull();
    expect(closedUntil(program('next_morning', { service_hours: [] }), 'arrest_diversion', true, friday_night)).toBeNull();
    expect(closedUntil({ time_zone: 'America/Denver' }, 'arrest_diversion', true, friday_night)).toBeNull();
    expect(closedUntil(null, 'arrest_diversion', true, friday_night)).toBeNull();
  });
});

describe('the text message', () => {
  it('has an address that Android and iPhones both read', () => {
    expect(textLink('+1 (303) 555-0142', 'LEAD referral ref 7F3K2: please call')).toBe(
      'sms:+13035550142?&body=LEAD%20referral%20ref%207F3K2%3A%20please%20call',
    );
  });

  it('names the referral by a code of its id, which differs where ids do', () => {
    expect(shortReference('0193a000-0000-7000-8000-000000000000')).toBe('00000');
    expect(shortReference('0193a000-0000-7000-8000-000000000001')).toBe('00001');
    expect(shortReference('0193a000-0000-7000-8000-00000000001f')).toBe('0000Z');
    expect(shortReference('0193a000-0000-7000-8000-000000000020')).toBe('00010');
    expect(shortReference('0193a000-0000-7000-8000-0000ffffffff')).toBe('ZZZZZ');
    expect(shortReference('0193a000-0000-7000-8000-0000f0ffffff')).toBe('FZZZZ');
    const codes = Array.from({ length: 2000 }, () => shortReference(crypto.randomUUID()));
    for (const code of codes) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}$/);
  });
});
