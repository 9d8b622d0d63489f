import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { en } from '../messages/attention.en.ts';
import { WAYS, wayOf, whyKey } from './reasons.ts';

/** Reasons that are documented for what is stored, held or rejected: the table that the server's code makes. */
const documented = [...readFileSync(join(import.meta.dirname, '../../../../docs/protocol.md'), 'utf8').matchAll(/^\| `(\w+)` \| (held|rejected) \|/gm)];

it('every documented reason for holding or rejecting has a way and a sentence of its own', () => {
  expect(documented.length).toBeGreaterThan(20);
  for (const [, reason] of documented) {
    expect([reason, reason! in WAYS]).toEqual([reason, true]);
    expect([reason, whyKey(reason!) in en]).toEqual([reason, true]);
  }
  expect(Object.keys(WAYS).sort()).toEqual(documented.map(([, reason]) => reason).sort());
});

it('what a person must confirm, or what comes by itself, is not offered to be written anew', () => {
  for (const reason of ['device_revoked', 'user_inactive', 'no_role', 'unsigned']) expect(wayOf(reason)).toBe('person');
  for (const reason of ['unknown_referral', 'unknown_entry', 'not_alerted']) expect(wayOf(reason)).toBe('wait');
});

it('a reason of a newer server is a person’s to explain', () => {
  expect([wayOf('brand_new'), whyKey('brand_new'), wayOf(null)]).toEqual(['call', 'att_why_other', 'call']);
});
