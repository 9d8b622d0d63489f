import { describe, expect, it } from 'vitest';
import { NotOurs } from '../../transport/client.ts';
import { level, rota, span } from './rota.fixture.ts';
import { readRota } from './server.ts';

describe('the answer about the rota', () => {
  it('is taken as the server tells it', () => {
    const told = rota([level('on_call', [span('ana', '22T08:00', '23T08:00')])]);
    expect(readRota(structuredClone(told))).toEqual(told);
  });

  it('is none where something else answered', () => {
    for (const answer of [null, [], {}, { zone: 'UTC' }, { ...rota([]), levels: {} }, { ...rota([]), zone: 7 }]) {
      expect(() => readRota(answer)).toThrow(NotOurs);
    }
  });

  it('leaves out a level that this version does not know', () => {
    const told = rota([level('on_call', []), level('night_watch' as 'lead', [])]);
    expect(readRota(told).levels.map(({ level: name }) => name)).toEqual(['on_call']);
  });
});
