import { describe, expect, test } from 'vitest';
import { mapLink, usesAppleMaps } from './place.ts';
import { isGiven, isWithdrawn } from './reading.ts';
import { ANA, BEN, OFFICER, OLGA, PEOPLE, alerted, answered, created, did, minute, referral } from './referral.fixture.ts';
import { clean } from './text.ts';
import { timeline } from './timeline.ts';

const grant = (by: string, at: number, saw: string[] = []) =>
  did(
    by, at, 'consent.grant',
    {
      method: 'witness', language: 'es', script_version: '1', script_hash: '0', reader: 'read_aloud', interpreter: null, witness: 'W',
      camera_reference: null, signature: null,
    },
    { saw },
  );

describe('the timeline', () => {
  test('tells what stands, oldest first', () => {
    const record = referral(
      'a',
      [
        created(), grant(OFFICER, 1), alerted(2), answered(ANA, 5), did(ANA, 8, 'consent.confirm', { answer: 'yes' }),
        did(ANA, 9, 'contact.add', { how: 'phone', result: 'reached', text: '' }), did(ANA, 20, 'handoff.record', { outcome: 'in_person' }),
      ],
      { received_at: minute(3) },
    );
    expect(timeline(record, PEOPLE).map(({ what, at }) => [what, at])).toEqual([
      ['begun', minute(0)], ['granted', minute(1)], ['arrived', minute(3)], ['held', minute(5)], ['confirmed', minute(8)],
      ['contact', minute(9)], ['handoff', minute(20)],
    ]);
  });

  test('says "given" and not "has it" until the person has answered', () => {
    const record = referral('a', [created(), alerted(), did(OLGA, 5, 'referral.assign', { user_id: BEN })]);
    expect(timeline(record, PEOPLE).map(({ what }) => what)).toEqual(['begun', 'arrived', 'given']);
    expect(isGiven(record, PEOPLE)).toBe(true);
  });

  test('leaves out an attempt that was struck through', () => {
    const record = referral('a', [
      created(), did(ANA, 9, 'contact.add', { how: 'phone', result: 'reached', text: '' }),
      did(ANA, 10, 'entry.strike', { entry: 'a-1', entry_kind: 'contact.add', reason: 'wrong person' }),
    ]);
    expect(timeline(record, PEOPLE).map(({ what }) => what)).toEqual(['begun', 'arrived']);
  });
});

describe('withdrawn consent', () => {
  const withdraw = did(ANA, 5, 'consent.withdraw', { reason: null });

  test('hides the content until a yes that knew of it', () => {
    expect(isWithdrawn(referral('a', [created(), grant(OFFICER, 1)]))).toBe(false);
    expect(isWithdrawn(referral('a', [created(), grant(OFFICER, 1), withdraw]))).toBe(true);
    expect(isWithdrawn(referral('a', [created(), grant(OFFICER, 1), withdraw, grant(BEN, 6)]))).toBe(true);
    expect(isWithdrawn(referral('a', [created(), grant(OFFICER, 1), withdraw, grant(BEN, 6, ['a-2'])]))).toBe(false);
  });

  test('is the view’s word for a role that may not read consent', () => {
    const record = referral('a', [created()]);
    const { registers, entries, strikes, consent, conflicts } = record.state;
    const view = { referral_id: 'a', program_id: 'denver', registers, entries, strikes, consent, conflicts, vector: {}, consented: false };
    expect(isWithdrawn({ ...record, view: { ...view, blocked: true } })).toBe(true);
    expect(isWithdrawn({ ...record, view: { ...view, blocked: false } })).toBe(false);
  });
});

describe('the link to the map', () => {
  const gps = { latitude_e6: 39_739_236, longitude_e6: -104_990_251, accuracy_m: 12 };

  test('gives a position to whatever map the phone has', () => {
    expect(mapLink(gps, 'Colfax', false)).toBe('geo:39.739236,-104.990251?q=39.739236,-104.990251');
    expect(mapLink(gps, 'Colfax', true)).toBe('maps:?ll=39.739236,-104.990251&q=39.739236,-104.990251');
  });

  test('escapes what was typed, and is absent without any place', () => {
    expect(mapLink(undefined, ' Colfax & Main#2 ', false)).toBe('geo:0,0?q=Colfax%20%26%20Main%232');
    expect(mapLink(undefined, '   ', false)).toBeUndefined();
    expect(mapLink(undefined, undefined, true)).toBeUndefined();
  });

  test('knows an iPhone', () => {
    expect(usesAppleMaps('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)')).toBe(true);
    expect(usesAppleMaps('Mozilla/5.0 (Linux; Android 16; Pixel 9)')).toBe(false);
  });
});

test('half of an emoji, cut by a length limit, is replaced and the rest kept', () => {
  expect(clean('  ok 😀  ')).toBe('ok 😀');
  expect(clean('😀'.slice(0, 1))).toBe('\uFFFD');
});
