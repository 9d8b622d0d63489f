import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { FILE_LIMIT_BYTES, FILE_LIMIT_RECORDS, fileName, fileOf, readFile, UnreadableFile, writeFile, type OutboxFile } from './outbox_file.ts';
import type { OutboxRow } from './schema.ts';

const DEVICE = 'a1b2c3d4-0000-4000-8000-000000000001';
const AT = '2026-04-30T02:14:00Z';

const row = (seq: number, fields: Partial<OutboxRow> = {}): OutboxRow => ({
  op_id: crypto.randomUUID(), device_id: DEVICE, seq, referral_id: 'CANARY-referral', prev: null, program_id: 'denver', key_id: '0123456789abcdef',
  blob: 'sealed'.repeat(20), digest: 'd'.repeat(64), size: 200, state: 'waiting', position: null, receipt: null, attempts: 3, created_at: 'CANARY-time',
  ...fields,
});

const made = (...rows: OutboxRow[]): OutboxFile => fileOf(DEVICE, 'denver', rows, AT);
const fault = (content: Uint8Array<ArrayBuffer>): Promise<string> =>
  readFile(content).then(() => 'none', (error: unknown) => (error as UnreadableFile).fault);

describe('the sealed file', () => {
  it('gives back what it was made of, in the order of the numbers', async () => {
    const file = made(row(3), row(1), row(2));
    expect(file.records.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(await readFile(await writeFile(file))).toEqual(file);
    expect(fileName(file)).toBe('handoff-outbox-a1b2c3d4.whoff');
  });

  it('holds what travels and nothing else of a row', async () => {
    const written = new TextDecoder().decode(await writeFile(made(row(1))));
    expect(written).not.toContain('CANARY');
    expect(Object.keys(JSON.parse(written.split('\n')[1]!) as object).sort()).toEqual(['blob', 'digest', 'key_id', 'op_id', 'seq']);
  });

  it('notices every letter that was changed and every cut', async () => {
    const content = await writeFile(made(row(1), row(2)));
    for (let at = 0; at < content.length; at += 3) {
      const changed = content.slice();
      changed[at] = changed[at] === 0x41 ? 0x42 : 0x41;
      expect([at, await fault(changed)]).not.toEqual([at, 'none']);
      expect([at, await fault(content.slice(0, at))]).not.toEqual([at, 'none']);
    }
  });

  it('says what is wrong with it', async () => {
    expect(await fault(utf8('a letter to grandmother'))).toBe('foreign');
    expect(await fault(utf8('{"form":"something-else/1"}\n'))).toBe('foreign');
    expect(await fault(new Uint8Array([0xff, 0xfe, 0]))).toBe('foreign');
    expect(await fault(new Uint8Array())).toBe('foreign');
    expect(await fault(utf8('{"form":"handoff-outbox/2"}\n'))).toBe('newer');
    expect(await fault((await writeFile(made(row(1)))).slice(0, -2))).toBe('damaged');
  });

  it('does not take what nobody could have written, whatever its sum', async () => {
    for (const strange of [{ op_id: '../..' }, { seq: 1.5 }, { blob: 7 as unknown as string }]) {
      expect(await fault(await writeFile(made(row(1, strange))))).toBe('damaged');
    }
    expect(await fault(await writeFile({ ...made(row(1)), device_id: 'nobody' }))).toBe('damaged');
  });

  it('holds so many records and no more, and nobody is made to read a mountain', async () => {
    const rows = Array.from({ length: FILE_LIMIT_RECORDS + 1 }, (_, index) => row(index + 1, { blob: 'x' }));
    const file = made(...rows);
    expect(file.records.at(-1)?.seq).toBe(FILE_LIMIT_RECORDS);
    expect((await readFile(await writeFile(file))).records).toHaveLength(FILE_LIMIT_RECORDS);
    const more = rows.map(({ op_id, seq, key_id, digest, blob }) => ({ op_id, seq, key_id, digest, blob }));
    expect(await fault(await writeFile({ ...file, records: more }))).toBe('damaged');
    expect(await fault(new Uint8Array(FILE_LIMIT_BYTES + 1))).toBe('foreign');
  });
});
