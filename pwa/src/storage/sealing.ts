/**
 * Sealing a finished operation to the server: HPKE base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 *
 * After this the phone cannot read it any more, with or without its vault. The header that travels in clear is bound
 * through `info`, because the server's library has no additional data in its public interface.
 */
import { fromBase64url, toBase64url, utf8 } from './bytes.ts';
import type { Bytes } from './schema.ts';

/** As `/api/program` names it: the raw P-256 point in base64url. */
export interface SealingKey {
  key_id: string;
  public_key: string;
}

export interface Header {
  op_id: string;
  device_id: string;
  seq: number;
  program_id: string;
  key_id: string;
}

/** The twin of `SealedOperation.info` in `sync/operations.py`. */
export const sealingInfo = (header: Header): string =>
  ['handoff/op/v1', header.program_id, header.device_id, header.op_id, header.seq, header.key_id].join('|');

type Library = typeof import('./hpke.ts');

/** The library and the recipient's key, for the key used last: one program, one key, for months. */
let ready: { public_key: string; recipient: Promise<{ suite: Library['suite']; key: CryptoKey }> } | null = null;

function recipientOf(public_key: string): NonNullable<typeof ready>['recipient'] {
  if (ready?.public_key === public_key) return ready.recipient;
  const recipient = import('./hpke.ts').then(async ({ suite }) => ({
    suite,
    key: await suite.kem.deserializePublicKey(fromBase64url(public_key)),
  }));
  const made = (ready = { public_key, recipient });
  recipient.catch(() => {
    // Code that did not arrive is asked for again.
    if (ready === made) ready = null;
  });
  return recipient;
}

type Context = Awaited<ReturnType<Library['suite']['createSenderContext']>>;

/**
 * Key schedules worked out before the content is known, by all that they depend on: another key, place or id finds none.
 * In memory only; each leaves with its first use, since a second message would need another nonce.
 */
const prepared = new Map<string, Promise<Context>>();

const dependsOn = (publicKey: string, header: Header): string => `${publicKey}|${sealingInfo(header)}`;

async function contextFor(publicKey: string, header: Header): Promise<Context> {
  const { suite, key } = await recipientOf(publicKey);
  return suite.createSenderContext({ recipientPublicKey: key, info: utf8(sealingInfo(header)) });
}

/** Works out what sealing under these headers needs but the content. What was prepared before is thrown away. */
export async function prepareSeals(publicKey: string, headers: readonly Header[]): Promise<void> {
  prepared.clear();
  for (const header of headers) prepared.set(dependsOn(publicKey, header), contextFor(publicKey, header));
  await Promise.all(prepared.values());
}

async function takePrepared(publicKey: string, header: Header): Promise<Context | undefined> {
  const name = dependsOn(publicKey, header);
  const context = prepared.get(name);
  prepared.delete(name);
  // Code that had not arrived then may be there now.
  return context?.catch(() => undefined);
}

/** The blob: encapsulated key and ciphertext, in base64url. */
export async function seal(publicKey: string, header: Header, content: Bytes): Promise<string> {
  const context = (await takePrepared(publicKey, header)) ?? (await contextFor(publicKey, header));
  const ct = await context.seal(content);
  const { enc } = context;
  const blob = new Uint8Array(enc.byteLength + ct.byteLength);
  blob.set(new Uint8Array(enc));
  blob.set(new Uint8Array(ct), enc.byteLength);
  return toBase64url(blob);
}
