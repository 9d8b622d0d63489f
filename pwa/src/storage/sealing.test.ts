/** Both directions with `sync/sealing.py`: the vector holds what Python sealed; a Python test opens what this side seals. */
import { describe, expect, test, vi } from 'vitest';
import vector from '../../../tests/vectors/sync/sealing.json' with { type: 'json' };
import { fromBase64url, text, toBase64url, utf8 } from './bytes.ts';
import { suite } from './hpke.ts';
import { prepareSeals, seal, sealingInfo } from './sealing.ts';

const recipientKey = await suite.kem.importKey('jwk', vector.private_key as JsonWebKey, false);

async function open(info: string, blob: string): Promise<string> {
  const bytes = fromBase64url(blob);
  const enc = bytes.slice(0, suite.kem.encSize);
  return text(await suite.open({ recipientKey, enc, info: utf8(info) }, bytes.slice(suite.kem.encSize)));
}

describe('sealing', () => {
  test.each(vector.cases)('opens what Python sealed: $name', async ({ header, info, blob, content }) => {
    expect(sealingInfo(header)).toBe(info);
    expect(await open(info, blob)).toBe(content);
  });

  test.each(vector.cases)('seals to the same key so that it opens, and never twice alike: $name', async ({ header, content }) => {
    const blobs = [await seal(vector.public_key, header, utf8(content)), await seal(vector.public_key, header, utf8(content))];
    expect(blobs[0]).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(blobs[0]).not.toBe(blobs[1]);
    for (const blob of blobs) expect(await open(sealingInfo(header), blob)).toBe(content);
  });

  test.each(['op_id', 'device_id', 'program_id', 'key_id'] as const)('does not open under another %s', async (field) => {
    const { header, content } = vector.cases[0]!;
    const blob = await seal(vector.public_key, header, utf8(content));
    await expect(open(sealingInfo({ ...header, [field]: 'other' }), blob)).rejects.toThrow();
    await expect(open(sealingInfo({ ...header, seq: header.seq + 1 }), blob)).rejects.toThrow();
  });

  test('prepared opens like any other, and what was prepared is used once', async () => {
    const { header, content } = vector.cases[0]!;
    const schedules = vi.spyOn(suite, 'createSenderContext');
    await prepareSeals(vector.public_key, [header]);
    expect(schedules).toHaveBeenCalledTimes(1);
    const blobs = [await seal(vector.public_key, header, utf8(content)), await seal(vector.public_key, header, utf8(content))];
    expect(schedules).toHaveBeenCalledTimes(2);
    for (const blob of blobs) expect(await open(sealingInfo(header), blob)).toBe(content);
    const encSize = suite.kem.encSize;
    expect(fromBase64url(blobs[0]!).slice(0, encSize)).not.toEqual(fromBase64url(blobs[1]!).slice(0, encSize));
  });

  test.each(['op_id', 'device_id', 'program_id', 'key_id', 'seq'] as const)('prepared for another %s is not used', async (field) => {
    const { header, content } = vector.cases[0]!;
    await prepareSeals(vector.public_key, [{ ...header, [field]: field === 'seq' ? header.seq + 1 : 'other' }]);
    expect(await open(sealingInfo(header), await seal(vector.public_key, header, utf8(content)))).toBe(content);
  });

  test('prepared for another public key is not used, even under the same name', async () => {
    const { header, content } = vector.cases[0]!;
    const pair = await suite.kem.generateKeyPair();
    const other = toBase64url(new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)));
    await prepareSeals(other, [header]);
    expect(await open(sealingInfo(header), await seal(vector.public_key, header, utf8(content)))).toBe(content);
  });

  test('that could not be prepared is sealed all the same', async () => {
    const { header, content } = vector.cases[0]!;
    vi.spyOn(suite, 'createSenderContext').mockRejectedValueOnce(new Error('No code yet.'));
    await expect(prepareSeals(vector.public_key, [header])).rejects.toThrow('No code yet.');
    expect(await open(sealingInfo(header), await seal(vector.public_key, header, utf8(content)))).toBe(content);
  });

  test('thrown away by the next preparation is worked out anew', async () => {
    const { header, content } = vector.cases[0]!;
    await prepareSeals(vector.public_key, [header]);
    await prepareSeals(vector.public_key, []);
    const schedules = vi.spyOn(suite, 'createSenderContext');
    await seal(vector.public_key, header, utf8(content));
    expect(schedules).toHaveBeenCalledTimes(1);
  });

  test('names the key as the server does', async () => {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64url(vector.public_key)));
    expect(Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(vector.key_id);
  });
});
