/** What goes to the authenticator and what comes back, with a stand-in for the browser's side. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { text, toBase64url, utf8 } from '../storage/bytes.ts';
import { askPasskey, localRequest, makePasskey, passkeysExist } from './passkeys.ts';

const SECRET = new Uint8Array(32).fill(7);
const ID = utf8('credential one');

function answering(results: object, response: Record<string, unknown> = {}) {
  const made = {
    rawId: ID.buffer,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    getClientExtensionResults: () => ({ prf: results }),
    response: { clientDataJSON: utf8('{}').buffer, authenticatorData: utf8('a').buffer, signature: utf8('s').buffer, userHandle: null, ...response },
  };
  const credentials = { get: vi.fn(async (_: unknown) => made), create: vi.fn(async (_: unknown) => made) };
  vi.stubGlobal('navigator', { credentials });
  vi.stubGlobal('PublicKeyCredential', class {});
  return credentials;
}

afterEach(() => vi.unstubAllGlobals());

const CREATION = {
  challenge: 'AAAA',
  rp: { id: 'localhost', name: 'Warm Handoff' },
  user: { id: toBase64url(utf8('handle')), name: 'alder', displayName: 'Officer Alder' },
  pubKeyCredParams: [{ type: 'public-key' as const, alg: -7 }],
  excludeCredentials: [{ id: toBase64url(ID), type: 'public-key' as const }],
};

describe('asking for a passkey', () => {
  test('wants the person checked and a secret, from the passkeys named', async () => {
    const { get } = answering({ results: { first: SECRET.buffer } });
    const { credential, secret } = await askPasskey({ challenge: 'AAAA', rpId: 'localhost', allowCredentials: [] }, [toBase64url(ID)]);
    const asked = (get.mock.calls[0]![0] as CredentialRequestOptions).publicKey!;
    expect(asked.userVerification).toBe('required');
    expect(asked.rpId).toBe('localhost');
    expect(text(asked.allowCredentials![0]!.id)).toBe('credential one');
    expect(text(asked.extensions!.prf!.eval!.first)).toBe('handoff/kek/v1');
    expect(secret).toEqual({ credential_id: toBase64url(ID), secret: SECRET });
    expect(credential['id']).toBe(toBase64url(ID));
  });

  test('puts no secret into what is sent', async () => {
    answering({ results: { first: SECRET.buffer } });
    const { credential } = await askPasskey(localRequest());
    expect(JSON.stringify(credential)).not.toContain(toBase64url(SECRET));
    expect(credential['clientExtensionResults']).toEqual({});
    expect(Object.keys(credential['response'] as object).sort()).toEqual(['authenticatorData', 'clientDataJSON', 'signature']);
  });

  test('takes the secret of a browser that gives a view of a larger buffer', async () => {
    const larger = new Uint8Array(40).fill(1);
    larger.set(SECRET, 4);
    answering({ results: { first: new Uint8Array(larger.buffer, 4, 32) } });
    expect((await askPasskey(localRequest())).secret?.secret).toEqual(SECRET);
  });

  test('says so where there is no secret', async () => {
    answering({});
    expect((await askPasskey(localRequest())).secret).toBeNull();
  });

  test('never uses a challenge of its own twice', () => {
    expect(localRequest().challenge).not.toBe(localRequest().challenge);
  });
});

describe('making a passkey', () => {
  test('decodes what the server sent and tells it whether a secret can be had', async () => {
    const { create } = answering({ enabled: true }, { attestationObject: utf8('o').buffer, getTransports: () => ['internal'] });
    const { credential, secret, promised } = await makePasskey(CREATION);
    const asked = (create.mock.calls[0]![0] as CredentialCreationOptions).publicKey!;
    expect(text(asked.user.id)).toBe('handle');
    expect(text(asked.excludeCredentials![0]!.id)).toBe('credential one');
    expect(asked.authenticatorSelection?.userVerification).toBe('required');
    expect([secret, promised]).toEqual([null, true]);
    expect(credential['clientExtensionResults']).toEqual({ prf: { enabled: true } });
    expect(credential['response']).toMatchObject({ transports: ['internal'] });
  });
});

test('a browser without passkeys is known as one', () => {
  vi.stubGlobal('PublicKeyCredential', undefined);
  expect(passkeysExist()).toBe(false);
});
