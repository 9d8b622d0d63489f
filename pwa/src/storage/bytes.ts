/** Bytes as text: base64url without padding, hexadecimal, UTF-8. */
import type { Bytes } from './schema.ts';

const CHUNK_BYTES = 0x8000;

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text);

export const text = (bytes: BufferSource): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

export function toBase64url(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function fromBase64url(value: string): Bytes {
  return Uint8Array.from(atob(value.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
