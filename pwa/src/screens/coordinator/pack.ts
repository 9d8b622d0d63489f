/**
 * A rule pack by its hash: from the program's document where it is there, else from the server, once while the app is open.
 *
 * What a hash names never changes, so what was fetched stays. Nothing here belongs to a person.
 */
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { PackDocument } from '../../rules/model.ts';
import { connection } from '../../state/connection.ts';
import { packByHash, packInForce } from '../../state/packs.ts';
import { program } from '../../state/session.ts';
import { call, isRecord, Problem } from '../../transport/client.ts';

/** `gone`: the server does not know it. `unreachable`: it is not on this device, and cannot be fetched now. */
export type Found = PackDocument | 'asking' | 'unreachable' | 'gone';

export const isPack = (found: Found | null): found is PackDocument => typeof found === 'object' && found !== null;

const fetched = signal<Readonly<Record<string, PackDocument | 'gone'>>>({});

const NOT_FOUND = 404;

async function ask(hash: string): Promise<PackDocument | 'gone'> {
  try {
    const answer = await call('GET', `/api/rules/${hash}`);
    if (!isRecord(answer) || answer['hash'] !== hash || !isRecord(answer['document'])) throw new TypeError('The answer is no pack.');
    return answer as unknown as PackDocument;
  } catch (error) {
    if (error instanceof Problem && error.status === NOT_FOUND) return 'gone';
    throw error;
  }
}

/** The pack of this hash; without one, the pack in force today, or null where the program has none. */
export function usePack(hash: string | null): Found | null {
  const [failed, setFailed] = useState(false);
  const here = hash === null ? packInForce.value : (packByHash(program.value, hash) ?? fetched.value[hash]);
  const missing = here === undefined;
  const connected = connection.value === 'connected';
  useEffect(() => {
    if (hash === null || !missing) return;
    let current = true;
    setFailed(false);
    ask(hash).then(
      (found) => {
        fetched.value = { ...fetched.peek(), [hash]: found };
      },
      () => current && setFailed(true),
    );
    return () => {
      current = false;
    };
  }, [hash, missing, connected]);
  return here === undefined ? (failed ? 'unreachable' : 'asking') : here;
}
