/** Both directions with `sync/sealing.py`: the vector holds what Python sealed; a Python test opens what this side seals. */
import { describe, expect, test } from 'vitest';
import vector from '../../../tests/vectors/sync/sealing.json' with { type: 'json' };
import { fromBase64url, text, utf8 } from './bytes.ts';
import { suite } from './hpke.ts';
import { seal, sealingInfo } from './sealing.ts';

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

  test('names the key as the server does', async () => {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', fromBase64url(vector.public_key)));
    expect(Array.from(hash.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(vector.key_id);
  });
});
