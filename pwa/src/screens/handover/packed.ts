/** The file made smaller for the squares: what is sealed is written in letters, of which a quarter is air. */
import type { Bytes } from '../../storage/schema.ts';
import { FILE_LIMIT_BYTES } from '../../storage/outbox_file.ts';

/** Before what is packed; a file begins with a brace. */
const PACKED = 1;

async function through(content: Bytes, stream: GenericTransformStream): Promise<Bytes> {
  const reader = new Blob([content]).stream().pipeThrough(stream).getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    // Whoever shows squares may show a bomb.
    if (length > FILE_LIMIT_BYTES) throw new RangeError('More than a file may hold.');
    parts.push(part.value);
  }
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export async function packed(content: Bytes): Promise<Bytes> {
  if (typeof CompressionStream === 'undefined') return content;
  const small = await through(content, new CompressionStream('deflate-raw'));
  const marked = new Uint8Array(small.length + 1);
  marked[0] = PACKED;
  marked.set(small, 1);
  return marked;
}

/** @throws where it is damaged, or larger than a file may be */
export const unpacked = async (content: Bytes): Promise<Bytes> =>
  content[0] === PACKED ? through(content.slice(1), new DecompressionStream('deflate-raw')) : content;
