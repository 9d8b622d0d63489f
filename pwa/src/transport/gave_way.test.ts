import { beforeEach, afterEach, expect, test, vi } from 'vitest';
import type { View } from '../domain/records.ts';
import { uuidv7 } from '../domain/uuid.ts';
import { pull } from './pull.ts';
import { fetchFrom, TestServer } from './testing.ts';
import type { FeedItem } from '../storage/feed.ts';
import { forgetGaveWay } from '../storage/gave_way.ts';
import { readViews } from '../storage/records.ts';
import { MADE_AT, PROGRAM, phone, type Phone } from '../storage/testing.ts';

let server: TestServer;
let officer: Phone;
const REFERRAL = uuidv7();

const view: View = {
  referral_id: REFERRAL, program_id: PROGRAM, registers: {}, entries: {}, strikes: {}, consent: {}, conflicts: {}, vector: {}, blocked: false,
  consented: true,
};
const put = (): FeedItem => ({ t: 'put', id: REFERRAL, number: 4821, received_at: MADE_AT, view });
const told = (gave_way: string[], back: string[] = []): FeedItem => ({ t: 'told', id: uuidv7(), referral_id: REFERRAL, gave_way, back });

beforeEach(async () => {
  server = await TestServer.start();
  vi.stubGlobal('fetch', fetchFrom(server));
  officer = await phone();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.stop();
});

const shown = async (): Promise<string[] | undefined> => (await readViews(officer.database, officer.vault)).views[0]?.gave_way;

async function given(...items: FeedItem[]): Promise<void> {
  items.forEach((item) => server.give(item));
  expect(await pull(officer.database, officer.vault)).toMatchObject({ outcome: 'current' });
}

test('what gave way stays told through changes of the referral, in whatever order it came', async () => {
  await given(told(['name']), put());
  expect(await shown()).toEqual(['name']);
  await given(put(), told(['place', 'name']));
  await given(put());
  expect(await shown()).toEqual(['place', 'name']);
});

test('what stands again is no longer told', async () => {
  await given(put(), told(['name', 'place']), told([], ['name']));
  expect(await shown()).toEqual(['place']);
});

test('what was seen is not told again by later changes', async () => {
  await given(put(), told(['name', 'place']));
  await forgetGaveWay(officer.database, officer.vault, REFERRAL, ['name']);
  expect(await shown()).toEqual(['place']);
  await given(put());
  expect(await shown()).toEqual(['place']);
});

test('seeing something of a referral that is not here does nothing', async () => {
  await forgetGaveWay(officer.database, officer.vault, REFERRAL, ['name']);
  expect(await shown()).toBeUndefined();
});

test('a view that a pull stored meanwhile is not undone', async () => {
  await given(put(), told(['name']));
  const encrypt = officer.vault.encrypt.bind(officer.vault);
  vi.spyOn(officer.vault, 'encrypt').mockImplementationOnce(async (...call) => {
    await given(put(), told(['place']));
    return encrypt(...call);
  });
  await forgetGaveWay(officer.database, officer.vault, REFERRAL, ['name']);
  expect(await shown()).toEqual(['name', 'place']);
});
