/** Reading `/api/channels`, and what may be said of a test: pure. */
import { describe, expect, test, vi } from 'vitest';
import { NotOurs, Problem, Unreachable } from '../../transport/client.ts';
import { anyWaiting, before, hasSecondWay, outcomeOf, proveWay, readWays, refusalOf, standingOf, tidied, WrongCode, type Contact, type Handset } from './ways.ts';

const SENT = '2026-11-22T02:13:00Z';
const SEEN = '2026-11-22T02:14:00Z';

const phone = (more: Partial<Handset> = {}): Handset => ({
  id: 'phone-1', mine_now: true, last_ok_at: null, disabled_at: null, last_test: null, ...more,
});
const contact = (more: Partial<Contact> = {}): Contact => ({
  id: 'way-1', channel: 'sms', address: '+15550100', verified_at: SENT, last_ok_at: null, disabled_at: null, ...more,
});

describe('an answer', () => {
  test('is read, and only what this app knows of it', () => {
    const answer = {
      available: ['push', 'sms', 'pigeon', 'email'],
      phones: [{ ...phone(), device_id: 'd', reason: '', last_test: { sent_at: SENT, seen_at: null } }, { device_id: 'no id' }, 7],
      contacts: [contact(), { id: 'x', channel: 'push', address: 'y' }, { id: 'x', channel: 'sms' }],
    };
    expect(readWays(answer)).toEqual({
      available: ['sms', 'email'],
      phones: [phone({ last_test: { sent_at: SENT, seen_at: null } })],
      contacts: [contact()],
    });
  });

  test.each([[null], [[]], [{ phones: [] }], [{ phones: {}, contacts: [] }]])('that is none is refused: %o', (answer) => {
    expect(() => readWays(answer)).toThrow(TypeError);
  });

  test('with odd times and flags claims nothing', () => {
    const ways = readWays({ phones: [{ id: 'p', mine_now: 'yes', last_ok_at: 'soon', disabled_at: 0, last_test: 'ok' }], contacts: [] });
    expect(ways.phones).toEqual([{ id: 'p', mine_now: false, last_ok_at: null, disabled_at: null, last_test: null }]);
    expect(ways.available).toEqual([]);
  });
});

test('a number is used once its code was typed, and no longer when it is dead', () => {
  expect(standingOf(contact())).toBe('proven');
  expect(standingOf(contact({ verified_at: null }))).toBe('waiting');
  expect(standingOf(contact({ disabled_at: SEEN }))).toBe('failed');
  const ways = { available: [], phones: [phone()], contacts: [contact({ verified_at: null }), contact({ disabled_at: SEEN })] };
  expect(hasSecondWay(ways)).toBe(false);
  expect(hasSecondWay({ ...ways, contacts: [contact()] })).toBe(true);
});

describe('a test', () => {
  const old = phone({ last_test: { sent_at: SENT, seen_at: SEEN } });
  const asked = before({ available: [], phones: [old], contacts: [] });

  test('of an earlier day stands as it was until another is asked for', () => {
    expect(outcomeOf(phone(), null, false)).toBe('none');
    expect(outcomeOf(old, null, false)).toBe('shown');
    expect(outcomeOf(phone({ last_test: { sent_at: SENT, seen_at: null } }), null, false)).toBe('silent');
  });

  test('is never said to be shown because an earlier one was', () => {
    expect(outcomeOf(old, asked, true)).toBe('waiting');
    expect(outcomeOf(old, asked, false)).toBe('silent');
  });

  test('is shown when this phone said so, and silent when patience ended', () => {
    const sent = phone({ last_test: { sent_at: SEEN, seen_at: null } });
    expect(outcomeOf(sent, asked, true)).toBe('waiting');
    expect(outcomeOf(sent, asked, false)).toBe('silent');
    expect(outcomeOf(phone({ last_test: { sent_at: SEEN, seen_at: SEEN } }), asked, true)).toBe('shown');
  });

  test('is waited for while any phone that is still reached may answer', () => {
    const ways = { available: [], phones: [old], contacts: [] };
    expect(anyWaiting(ways, asked)).toBe(true);
    expect(anyWaiting({ ...ways, phones: [phone({ disabled_at: SENT })] }, asked)).toBe(false);
    expect(anyWaiting({ ...ways, phones: [phone({ last_test: { sent_at: SEEN, seen_at: SEEN } })] }, asked)).toBe(false);
  });
});

test('a refusal is told in words that say what to do', () => {
  const problem = (status: number): Problem => new Problem(status, { type: 'urn:x', title: '', detail: '', errors: [] }, null);
  expect([new Unreachable(), new NotOurs(200), problem(422), problem(404), problem(409), problem(429), problem(500), new Error('x'), new WrongCode()].map(refusalOf)).toEqual([
    'offline', 'server', 'invalid', 'invalid', 'full', 'too_soon', 'server', 'server', 'invalid',
  ]);
});

test.each([[{ proven: false }], [{ proven: 'yes' }], [[]]])('a code is proven only when the server says so, which %o does not', async (said) => {
  const answer = async (): Promise<Response> => Response.json(said);
  vi.stubGlobal('fetch', answer);
  await expect(proveWay('way-1', '123456')).rejects.toThrow(WrongCode);
  vi.stubGlobal('fetch', async () => Response.json({ proven: true }));
  await expect(proveWay('way-1', '123456')).resolves.toBeUndefined();
  vi.unstubAllGlobals();
});

test('a number is sent as machines write it, a mailbox as it was typed', () => {
  expect(tidied('sms', ' +1 (555) 010-0199 ')).toBe('+15550100199');
  expect(tidied('voice', '0034 600.000.000')).toBe('+34600000000');
  expect(tidied('email', ' maya.example-1@example.org ')).toBe('maya.example-1@example.org');
});
