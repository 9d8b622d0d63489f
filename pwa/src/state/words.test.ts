import { describe, expect, it } from 'vitest';
import type { Register } from '../domain/records.ts';
import type { Committed, PageStatus, View } from './types.ts';
import { byUrgency, recordOf, type Circumstances, type Parts, type Sent } from './words.ts';

const OPENED = '2026-04-30T02:00:00.000Z';
const NOW = Date.parse('2026-04-30T02:03:00.000Z');
const HERE: Circumstances = { user_id: 'officer-1', now: NOW, sending: false, sends_closed: true, nobody_after_minutes: 10 };

const register = (value: Register['value'], by = 'officer-1', at = OPENED): Register => ({
  value, op: 'op-1', device: 'device-1', seq: 1, by, at, base: {}, rank: 10,
});

const view = (status: string): View => ({
  referral_id: 'referral-1', program_id: 'demo', entries: {}, strikes: {}, consent: {}, conflicts: {},
  registers: { origin: register({ pathway: 'social_contact', agency_id: null }), status: register(status) },
  vector: { 'device-1': 1 }, blocked: false, consented: true,
});

const alert: Committed = {
  v: 1, op_id: 'op-1', program_id: 'demo', device_id: 'device-1', user_id: 'officer-1', seq: 1, referral_id: 'referral-1',
  prev: null, kind: 'referral.alert', payload: { officer_waiting: true }, base: {}, saw: [], made_at: OPENED, clock_off_ms: 0,
  app: { version: '0', pack: null }, salt: '00', digest: '00', sig: null, role: 'officer',
};

const parts = (more: Partial<Parts>): Parts => ({
  id: 'referral-1', program_id: 'demo', view: null, number: null, received_at: null, page: null, pending: [], sent: new Map(), ...more,
});

const page = (state: PageStatus['state'], calling: PageStatus['calling'] = 'coordinator'): PageStatus => ({
  state, opened_at: OPENED, step: 0, next_step_at: null, acknowledged_by: state === 'acknowledged' ? 'coordinator-1' : null,
  eta_at: null, ack_expires_at: null, calling,
});

const one = (state: Sent['state'], more: Partial<Sent> = {}): Map<string, Sent> =>
  new Map([['op-1', { state, reason: null, detail: null, number: null, ...more }]]);

const wordOf = (more: Partial<Parts>, here: Partial<Circumstances> = {}): string =>
  recordOf(parts(more), { ...HERE, ...here }).word;

describe('the state word', () => {
  const waiting = { pending: [alert], sent: one('waiting') };

  it('says saved while an operation waits and the platform can send closed', () => {
    expect(wordOf(waiting)).toBe('saved');
  });
  it('says NOT SENT where the platform cannot send with the app closed', () => {
    expect(wordOf(waiting, { sends_closed: false })).toBe('not_sent');
  });
  it('says sending while a push is under way', () => {
    expect(wordOf(waiting, { sending: true, sends_closed: false })).toBe('sending');
  });
  it('says received when the server has everything and nobody answered yet', () => {
    expect(wordOf({ pending: [alert], sent: one('sent') })).toBe('received');
    expect(wordOf({ view: view('submitted'), page: page('open') })).toBe('received');
  });
  it('says nobody exactly when the program’s minutes have passed since the page opened', () => {
    const shown = { view: view('submitted'), page: page('open') };
    const due = Date.parse(OPENED) + 10 * 60_000;
    expect(wordOf(shown, { now: due - 1 })).toBe('received');
    expect(wordOf(shown, { now: due })).toBe('nobody');
  });
  it('says received although no phone of the program could be reached: the status screen says that, and to call', () => {
    const shown = { view: view('submitted'), page: page('open', 'nobody') };
    expect(wordOf(shown, { now: Date.parse(OPENED) })).toBe('received');
    expect(wordOf(shown, { now: Date.parse(OPENED) + 10 * 60_000 })).toBe('nobody');
  });
  it('says seen, not nobody, when somebody answered a page that had reached no phone', () => {
    expect(wordOf({ view: view('submitted'), page: page('acknowledged', 'nobody') })).toBe('seen');
  });
  it('says that it is not sent before it says that no phone can be reached', () => {
    expect(wordOf({ view: view('submitted'), page: page('open', 'nobody'), ...waiting })).toBe('saved');
  });
  it('says nobody although only the phone’s own time of the alert is known', () => {
    expect(wordOf({ pending: [alert], sent: one('sent') }, { now: Date.parse(OPENED) + 11 * 60_000 })).toBe('nobody');
  });
  it('says seen once somebody acknowledged, and stays so after the hand-over', () => {
    expect(wordOf({ view: view('submitted'), page: page('acknowledged') })).toBe('seen');
    expect(wordOf({ view: view('handed_off') }, { now: NOW + 1e9 })).toBe('seen');
  });
  it('never hides a held operation behind what the server said of the others', () => {
    const held = one('attention', { reason: 'held', detail: 'unsigned' });
    const shown = recordOf(parts({ view: view('acknowledged'), page: page('acknowledged'), pending: [alert], sent: held }), HERE);
    expect(shown.word).toBe('attention');
    expect(shown.attention).toEqual({ reason: 'held', detail: 'unsigned' });
  });
  it('says that details wait although the referral was seen', () => {
    expect(wordOf({ view: view('acknowledged'), page: page('acknowledged'), ...waiting })).toBe('saved');
  });
});

describe('a record', () => {
  it('takes its number from the receipt until a pull brings it', () => {
    expect(recordOf(parts({ pending: [alert], sent: one('sent', { number: 4821 }) }), HERE).number).toBe(4821);
    expect(recordOf(parts({ view: view('submitted'), number: 7 }), HERE).number).toBe(7);
  });
  it('is mine when I began it', () => {
    expect(recordOf(parts({ view: view('submitted') }), HERE).mine).toBe(true);
    expect(recordOf(parts({ view: view('submitted') }), { ...HERE, user_id: 'other' }).mine).toBe(false);
  });
  it('shows waiting operations on top of the view', () => {
    const name: Committed = {
      ...alert, op_id: 'op-2', seq: 2, kind: 'referral.set', payload: { fields: { place: 'bus stop' } }, base: { 'device-1': 1 },
    };
    expect(recordOf(parts({ view: view('submitted'), pending: [name] }), HERE).state.registers['place']?.value).toBe('bus stop');
  });
});

it('puts what needs somebody first, and the newest first among equals', () => {
  const made = (id: string, more: Partial<Parts>, at: string) => ({ ...recordOf(parts({ id, ...more }), HERE), id, made_at: at });
  const seen = made('seen', { view: view('acknowledged') }, '2026-04-30T02:02:00Z');
  const received = made('received', { view: view('submitted') }, '2026-04-30T02:01:00Z');
  const older = made('older', { pending: [alert], sent: one('attention') }, '2026-04-30T01:00:00Z');
  const newer = made('newer', { pending: [alert], sent: one('attention') }, '2026-04-30T01:30:00Z');
  expect([seen, received, older, newer].sort(byUrgency).map(({ id }) => id)).toEqual(['newer', 'older', 'received', 'seen']);
});
