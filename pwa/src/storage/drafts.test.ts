import { describe, expect, test } from 'vitest';
import { uuidv7 } from '../domain/uuid.ts';
import { createDraft, discardDraft, readDrafts, saveDraft } from './drafts.ts';
import { MADE_AT, phone } from './testing.ts';

const draft = (body: object): { draft_id: string; referral_id: string; updated_at: string; body: object } => ({
  draft_id: uuidv7(),
  referral_id: uuidv7(),
  updated_at: MADE_AT,
  body,
});

describe('drafts', () => {
  test('come back as they were written, the latest first, on a new connection', async () => {
    const { database, vault } = await phone();
    const older = draft({ name: 'Ana 🦊 \u202eabc\u0000' });
    const newer = { ...draft({ step: 3 }), updated_at: '2026-04-30T02:15:00Z' };
    await createDraft(database, vault, older);
    await createDraft(database, vault, newer);
    await database.close();
    expect(await readDrafts(database, vault)).toEqual({ drafts: [newer, older], unreadable: [] });
  });

  test('are stored in the order they were typed, however fast', async () => {
    const { database, vault } = await phone();
    const typed = draft({ text: '' });
    await createDraft(database, vault, typed);
    const texts = Array.from({ length: 30 }, (_unused, index) => 'x'.repeat(((index * 7) % 5) * 20_000) + index);
    await Promise.all(texts.map((text) => saveDraft(database, vault, { ...typed, body: { text } })));
    expect((await readDrafts(database, vault)).drafts[0]?.body).toEqual({ text: texts.at(-1) });
  });

  test('are not written again once discarded', async () => {
    const { database, vault } = await phone();
    const declined = draft({ name: 'CANARY' });
    await createDraft(database, vault, declined);
    await discardDraft(database, declined.draft_id);
    expect(await saveDraft(database, vault, declined)).toBe(false);
    expect(await readDrafts(database, vault)).toEqual({ drafts: [], unreadable: [] });
  });

  test('belong to one person: another on the same phone sees none, and a lost key is counted', async () => {
    const one = await phone();
    const two = await phone(one.name);
    const mine = draft({ name: 'CANARY' });
    await createDraft(one.database, one.vault, mine);
    expect(await readDrafts(two.database, two.vault)).toEqual({ drafts: [], unreadable: [] });
    const anew = await phone(one.name, { device_id: one.device_id });
    expect(await readDrafts(anew.database, anew.vault)).toEqual({ drafts: [], unreadable: [mine.draft_id] });
    expect((await readDrafts(one.database, one.vault)).drafts).toEqual([mine]);
  });
});
