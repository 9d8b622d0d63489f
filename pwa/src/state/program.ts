/** What the server says of the program and of itself: fetched when there is a connection, kept for when there is none. */
import { anyDrafts } from '../storage/drafts.ts';
import { readProgram, storeProgram } from '../storage/programs.ts';
import { writeSetting } from '../storage/settings.ts';
import { call, isRecord, NotOurs } from '../transport/client.ts';
import { drafts } from './drafts.ts';
import { keepingPacks } from './packs.ts';
import { me, write } from './phase.ts';
import { database } from './phone.ts';
import type { Bootstrap, ProgramDocument } from './types.ts';

/** @throws Unreachable, NotOurs, Problem */
export async function fetchProgram(): Promise<void> {
  const document = await call('GET', '/api/program');
  if (!isRecord(document) || typeof document['id'] !== 'string') throw new NotOurs(200);
  const former = (await readProgram(database, document['id'])) as ProgramDocument | undefined;
  const writing = drafts.peek().length > 0 || (await anyDrafts(database));
  const kept = keepingPacks(document as unknown as ProgramDocument, former ?? null, writing);
  await storeProgram(database, kept.id, kept);
  if (me.peek()?.program_id === kept.id) write.program.value = kept;
}

/** @throws Unreachable, NotOurs, Problem */
export async function fetchBootstrap(): Promise<void> {
  const answer = await call('GET', '/api/bootstrap');
  if (!isRecord(answer) || typeof answer['demo'] !== 'boolean') throw new NotOurs(200);
  write.bootstrap.value = answer as unknown as Bootstrap;
  await rememberDemo(answer['demo']);
}

/** The banner must stand offline, too. */
export async function rememberDemo(demo: boolean): Promise<void> {
  write.demo.value = demo;
  await writeSetting(database, 'demo', demo).catch(() => undefined);
}
