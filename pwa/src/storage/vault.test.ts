import { describe, expect, test } from 'vitest';
import { fromBase64url, random, utf8 } from './bytes.ts';
import { Undecryptable } from './cipher.ts';
import type { DeviceRow } from './schema.ts';
import { deviceFields, PASSPHRASE } from './testing.ts';
import { PBKDF2_ITERATIONS, type PasskeySecret } from './unlock.ts';
import { createVault, rewrap } from './new_vault.ts';
import { openVault, VaultClosed } from './vault.ts';

const everyValue = (value: unknown): unknown[] =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
    ? [value, ...Object.values(value).flatMap(everyValue)]
    : [value];

describe('the vault', () => {
  test('opens with its passphrase, and what was encrypted before is readable again', async () => {
    const { device, vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('draft|a|b', { name: 'CANARY' });
    vault.close();
    const reopened = await openVault(device, PASSPHRASE);
    expect(await reopened?.decrypt('draft|a|b', sealed)).toEqual({ name: 'CANARY' });
  });

  test('stays shut for a wrong passphrase and for a row of another device', async () => {
    const { device } = await createVault(PASSPHRASE, deviceFields());
    expect(await openVault(device, PASSPHRASE + '.')).toBeNull();
    expect(await openVault({ ...device, device_id: crypto.randomUUID() }, PASSPHRASE)).toBeNull();
    expect(await openVault({ ...device, wraps: [] }, PASSPHRASE)).toBeNull();
  });

  test('takes the same words from another keyboard as the same passphrase', async () => {
    const { device } = await createVault('an\u0303o nuevo', deviceFields());
    expect(await openVault(device, 'a\u00f1o nuevo')).not.toBeNull();
  });

  test('binds what it encrypts to its row', async () => {
    const { vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('draft|a|b', 'CANARY');
    await expect(vault.decrypt('draft|other|b', sealed)).rejects.toBeInstanceOf(Undecryptable);
    sealed.ct[0]! ^= 1;
    await expect(vault.decrypt('draft|a|b', sealed)).rejects.toBeInstanceOf(Undecryptable);
  });

  test('never encrypts twice with one IV, and leaves no clear text', async () => {
    const { vault } = await createVault(PASSPHRASE, deviceFields());
    const ivs = new Set<string>();
    for (let round = 0; round < 50; round += 1) {
      const { iv, ct } = await vault.encrypt('a', 'CANARY');
      expect(iv.length).toBe(12);
      expect(new TextDecoder().decode(ct)).not.toContain('CANARY');
      ivs.add(iv.join());
    }
    expect(ivs.size).toBe(50);
  });

  test('does nothing more once closed', async () => {
    const { vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('a', 1);
    vault.close();
    await expect(vault.encrypt('a', 1)).rejects.toBeInstanceOf(VaultClosed);
    await expect(vault.decrypt('a', sealed)).rejects.toBeInstanceOf(VaultClosed);
    await expect(vault.sign('a')).rejects.toBeInstanceOf(VaultClosed);
  });

  test('signs so that the device’s public key verifies', async () => {
    const { device, vault } = await createVault(PASSPHRASE, deviceFields());
    const signature = await vault.sign('{"a":1}');
    expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
    const key = await crypto.subtle.importKey(
      'raw', fromBase64url(device.public_key), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'],
    );
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    expect(await crypto.subtle.verify(algorithm, key, fromBase64url(signature!), utf8('{"a":1}'))).toBe(true);
    expect(await crypto.subtle.verify(algorithm, key, fromBase64url(signature!), utf8('{"a":2}'))).toBe(false);
  });

  test('still opens when only the signing key is damaged, and then signs nothing', async () => {
    const { device, vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('a', 'kept');
    const damaged: DeviceRow = { ...device, signing: { iv: device.signing!.iv, ct: device.signing!.ct.slice(1) } };
    const reopened = await openVault(damaged, PASSPHRASE);
    expect(await reopened?.decrypt('a', sealed)).toBe('kept');
    expect(await reopened?.sign('a')).toBeNull();
  });

  test('changes its passphrase without changing its key', async () => {
    const { device, vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('a', 'kept');
    expect(await rewrap(device, 'wrong', 'new words')).toBeNull();
    const changed = { ...device, wraps: (await rewrap(device, PASSPHRASE, 'new words'))! };
    expect(await openVault(changed, PASSPHRASE)).toBeNull();
    expect(await (await openVault(changed, 'new words'))?.decrypt('a', sealed)).toBe('kept');
  });

  test('keeps no CryptoKey and no clear key in what is stored', async () => {
    const { device } = await createVault(PASSPHRASE, deviceFields());
    expect(everyValue(device).some((value) => value instanceof CryptoKey)).toBe(false);
    expect(device.wraps[0]).toMatchObject({ kind: 'passphrase', iterations: PBKDF2_ITERATIONS });
    expect(PBKDF2_ITERATIONS).toBeGreaterThanOrEqual(600_000);
  });
});

describe('a passkey', () => {
  const passkey = (): PasskeySecret => ({ credential_id: `key-${crypto.randomUUID()}`, secret: random(32) });

  test('opens the vault beside the passphrase, and each passkey by its own secret', async () => {
    const { device, vault } = await createVault(PASSPHRASE, deviceFields());
    const sealed = await vault.encrypt('a', 'kept');
    const [one, other] = [passkey(), passkey()];
    device.wraps = (await rewrap(device, PASSPHRASE, one))!;
    device.wraps = (await rewrap(device, one, other))!;
    expect(device.wraps.map(({ kind }) => kind)).toEqual(['passphrase', 'passkey', 'passkey']);
    for (const proof of [PASSPHRASE, one, other]) expect(await (await openVault(device, proof))?.decrypt('a', sealed)).toBe('kept');
    expect(await openVault(device, { ...one, secret: other.secret })).toBeNull();
    expect(await openVault(device, passkey())).toBeNull();
  });

  test('takes the place of its own former wrap, and leaves the others when the passphrase changes', async () => {
    const { device } = await createVault(PASSPHRASE, deviceFields());
    const one = passkey();
    device.wraps = (await rewrap(device, PASSPHRASE, one))!;
    device.wraps = (await rewrap(device, PASSPHRASE, one))!;
    device.wraps = (await rewrap(device, one, 'new words'))!;
    expect(device.wraps.map(({ kind }) => kind)).toEqual(['passkey', 'passphrase']);
    expect(await openVault(device, PASSPHRASE)).toBeNull();
    expect(await openVault(device, one)).not.toBeNull();
  });

  test('is bound to the person and to the device', async () => {
    const one = passkey();
    const { device } = await createVault(one, deviceFields());
    expect(await openVault(device, one)).not.toBeNull();
    expect(await openVault({ ...device, user_id: crypto.randomUUID() }, one)).toBeNull();
    expect(await openVault({ ...device, device_id: crypto.randomUUID() }, one)).toBeNull();
  });

  test('leaves neither its secret nor the vault key in what is stored', async () => {
    const one = passkey();
    const { device } = await createVault(one, deviceFields());
    const stored = JSON.stringify(everyValue(device).map((value) => (ArrayBuffer.isView(value) ? [...(value as Uint8Array)].join() : value)));
    expect(stored).not.toContain([...one.secret].join());
    expect(everyValue(device).some((value) => value instanceof CryptoKey)).toBe(false);
  });
});
