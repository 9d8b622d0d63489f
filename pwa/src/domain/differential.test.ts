/**
 * Random logs with Python's answers: the two folds must give the same bytes.
 *
 * Run by `tests/sync/test_differential.py`, which writes the logs and names the file in HANDOFF_LOGS_FILE.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { applyOperation, blocked, consented, emptyState, overlay } from './fold.ts';
import { type Envelope, canonical, digestOf } from './operation.ts';
import type { Committed, View } from './records.ts';

interface RandomLog {
  log: Committed[];
  opened: string[][];
  state: string;
  consented: boolean;
  blocked: boolean;
  digests: string[];
  overlays: { view: View | null; pending: Committed[]; state: string }[];
}

const file = process.env['HANDOFF_LOGS_FILE'];

describe.runIf(file !== undefined)('both languages fold alike (started by pytest)', () => {
  const logs = file === undefined ? [] : (JSON.parse(readFileSync(file, 'utf8')) as RandomLog[]);

  test('there are logs', () => {
    expect(logs.length).toBeGreaterThan(0);
  });

  test('folding gives the same bytes and opens the same conflicts', () => {
    for (const [index, each] of logs.entries()) {
      const state = emptyState(each.log[0]?.referral_id ?? '', each.log[0]?.program_id ?? '');
      const opened = each.log.map((operation) => applyOperation(state, operation));
      expect(canonical(state), `log ${index}`).toBe(each.state);
      expect(opened, `log ${index}`).toEqual(each.opened);
      expect([consented(state), blocked(state)], `log ${index}`).toEqual([each.consented, each.blocked]);
    }
  });

  test('a phone shows the same bytes before the answer', () => {
    for (const [index, each] of logs.entries()) {
      for (const { view, pending, state } of each.overlays) {
        expect(canonical(overlay(view, pending)), `log ${index}`).toBe(state);
      }
    }
  });

  test('digests are the same', async () => {
    for (const [index, each] of logs.entries()) {
      const digests = each.log.map(({ role: _, blind: __, ...envelope }) => digestOf(envelope as Envelope));
      expect(await Promise.all(digests), `log ${index}`).toEqual(each.digests);
    }
  });
});
