import { afterEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../storage/database.ts';
import { layAside } from '../storage/reserve.ts';
import { FULL, free, HIGH, levelOf, look, usedShare } from './room.ts';
import { storageLevel } from './storage_level.ts';

afterEach(() => vi.restoreAllMocks());

const grants = (usage: number, quota: number): void => {
  Object.assign(navigator, { storage: { estimate: async () => ({ usage, quota }) } });
};

test('the level follows from the reserve first, then from what the browser says, on both sides of each threshold', () => {
  expect(levelOf(false, 0)).toBe('spent');
  expect([HIGH - 0.001, HIGH, FULL - 0.001, FULL, 2].map((used) => levelOf(true, used))).toEqual(['fine', 'high', 'high', 'full', 'full']);
});

test('a browser that does not say counts as one with room', async () => {
  Object.assign(navigator, { storage: undefined });
  expect(await usedShare()).toBe(0);
  grants(5, 0);
  expect(await usedShare()).toBe(0);
  grants(4, 5);
  expect(await usedShare()).toBe(0.8);
});

test('what can be fetched again does not use up the reserve; what an officer writes does, and nothing new is begun', async () => {
  grants(1, 100);
  const spare = openDatabase();
  await look();
  expect(storageLevel.peek()).toBe('fine');
  for (const stores of [['views', 'devices'], ['carried'], ['ballast']] as const) {
    expect(await free([...stores], 0)).toBe(false);
    expect(storageLevel.peek()).toBe('fine');
  }
  expect(await free(['devices', 'outbox', 'copies', 'drafts'], 0)).toBe(true);
  expect(storageLevel.peek()).toBe('spent');
  expect(await spare.read(['ballast'], (transaction) => transaction.objectStore('ballast').count())).toBe(0);
  expect(await free(['drafts'], 0)).toBe(false);
  await look();
  expect(storageLevel.peek()).toBe('fine');
  expect(await layAside(spare)).toBe(true);
});
