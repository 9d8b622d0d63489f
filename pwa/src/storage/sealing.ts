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

/** Fetches the library ahead of need, so that the first submission does not wait for it. */
export const loadSealing = (): Promise<typeof import('./hpke.ts')> => import('./hpke.ts');

/** The blob: encapsulated key and ciphertext, in base64url. */
export async function seal(publicKey: string, header: Header, content: Bytes): Promise<string> {
  const { suite } = await loadSealing();
  const recipientPublicKey = await suite.kem.deserializePublicKey(fromBase64url(publicKey));
  const { enc, ct } = await suite.seal({ recipientPublicKey, info: utf8(sealingInfo(header)) }, content);
  const blob = new Uint8Array(enc.byteLength + ct.byteLength);
  blob.set(new Uint8Array(enc));
  blob.set(new Uint8Array(ct), enc.byteLength);
  return toBase64url(blob);
}
