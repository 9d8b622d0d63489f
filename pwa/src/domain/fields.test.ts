/** The vocabulary is the server's: `fields.json` is what the Python code says (`python -m tests.sync.vectors`). */
import { expect, test } from 'vitest';
import * as fields from './fields.ts';
import { read } from './vectors.testing.ts';

const PYTHON = read<Record<string, unknown>>('fields.json');

test.each([
  ['groups', fields.GROUPS],
  ['fields', fields.FIELDS],
  ['act_registers', fields.ACT_REGISTERS],
  ['statuses', fields.STATUSES],
  ['needs', fields.NEEDS],
  ['custody', fields.CUSTODY],
  ['basis', fields.BASIS],
  ['three_states', fields.THREE_STATES],
  ['identity_facts', fields.IDENTITY_FACTS],
  ['assessment_items', fields.ASSESSMENT_ITEMS],
  ['assessment_answers', fields.ASSESSMENT_ANSWERS],
  ['recipients', fields.RECIPIENTS],
  ['information', fields.INFORMATION],
  ['limits', fields.LIMITS],
])('%s are the same in both languages', (name, mine) => {
  expect(mine).toEqual(PYTHON[name]);
});

test('a register that does not exist has no group', () => {
  expect(fields.groupOf('closure')).toBe('decision');
  for (const key of ['informant', 'constructor', 'toString', '__proto__', '']) {
    expect(() => fields.groupOf(key)).toThrow(RangeError);
  }
});
