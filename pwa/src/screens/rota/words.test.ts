import { beforeAll, describe, expect, it } from 'vitest';
import { language } from '../../state/language.ts';
import { addMessages } from '../messages/index.ts';
import { at, change, level, NOW, rota, span, stretchOf, ZONE } from './rota.fixture.ts';
import { byDay, dutiesOf, requestsOf } from './spans.ts';
import {
  arrangedWords, askedWords, fromTo, gapWords, lengthWords, meanwhileWords, mineWords, moment, pieceWords, runningWords, shiftWords, stretch,
} from './words.ts';

const time = (from: string, to: string) => ({ from_ms: at(from), to_ms: at(to) });
const KNOWN = rota([level('on_call', [span('ana', '22T08:00', '23T08:00')])]);
const have = { rota: KNOWN, from_ms: at('22T13:00'), until_ms: at('30T13:00') };
const duty = dutiesOf(KNOWN)[0]!;

beforeAll(async () => {
  language.value = 'en';
  await addMessages('rota');
});

describe('times', () => {
  it('are short when they are near, and never leave the day in doubt', () => {
    expect(moment(at('22T18:00'), ZONE, NOW)).toBe('18:00');
    expect(moment(at('24T17:00'), ZONE, NOW)).toBe('Tue 17:00');
    // A week later it is the same day of the week again.
    expect(moment(at('29T17:00'), ZONE, NOW)).toBe('Sun, Nov 29, 17:00');
    expect(moment(at('20T17:00'), ZONE, NOW)).toBe('Fri, Nov 20, 17:00');
  });

  it('of a stretch name the second day where it is another', () => {
    expect(stretch(time('24T02:00', '24T06:00'), ZONE)).toBe('Tue, Nov 24 02:00–06:00');
    expect(stretch(time('24T22:00', '25T06:00'), ZONE)).toBe('Tue, Nov 24 22:00 – Wed, Nov 25 06:00');
    expect(fromTo(time('22T14:00', '22T18:00'), ZONE, NOW)).toBe('from 14:00 to 18:00');
    expect(fromTo(time('24T17:00', '25T08:00'), ZONE, NOW)).toBe('from Tue 17:00 to Wed 08:00');
  });

  it('of a gap that is there already say so', () => {
    expect(gapWords(time('22T13:00', '22T18:00'), ZONE, NOW)).toBe('now, until 18:00');
    expect(gapWords(time('24T02:00', '24T06:00'), ZONE, NOW)).toBe('Tue, Nov 24 02:00–06:00');
  });

  it('have a length in words', () => {
    const lengths = [time('22T14:00', '22T14:45'), time('22T17:00', '23T08:00'), time('22T08:00', '29T09:00')].map(lengthWords);
    expect(lengths).toEqual(['45 min', '15 h', '7 d 1 h']);
  });

  it('of a day are its own', () => {
    const words = (from: string, to: string): string[] => {
      const duties = dutiesOf(rota([level('on_call', [span('ana', from, to)])]));
      return byDay(duties, [], ZONE, at('22T13:00'), NOW, 3).flatMap((day) => day.pieces.map((piece) => pieceWords(piece, day, ZONE)));
    };
    expect(words('22T17:00', '24T08:00')).toEqual(['from 17:00', 'all day', 'until 08:00']);
    expect(words('23T08:00', '23T20:00')).toEqual(['08:00–20:00']);
  });
});

describe('a shift', () => {
  it('that runs says until when, and no beginning that is not known', () => {
    expect(runningWords(duty, have, NOW)).toBe('You are on call until Mon 08:00');
    expect(shiftWords(duty, have, NOW)).toBe('until Mon 08:00');
  });

  it('that goes on beyond what was asked for claims no end', () => {
    const long = { ...duty, to_ms: have.until_ms };
    expect(runningWords(long, have, NOW)).toBe('You are on call until at least Mon, Nov 30');
    expect(shiftWords({ ...long, from_ms: at('24T08:00') }, have, NOW)).toBe('Tue, Nov 24 08:00 and on');
  });
});

describe('a request', () => {
  const [cover] = requestsOf([change('a')]);
  const [swap] = requestsOf([
    change('s1', { swap_id: 's1', ...stretchOf('24T08:00', '24T20:00') }),
    change('s2', { swap_id: 's1', user_id: 'ben', to_user_id: 'ana', ...stretchOf('25T08:00', '25T20:00') }),
  ]);

  it('says who asks whom, and what holds meanwhile', () => {
    expect(askedWords(cover!, KNOWN, NOW)).toBe('Ana Example asks you to come instead, from 14:00 to 18:00 (On call).');
    expect(mineWords(cover!, KNOWN, NOW)).toBe('You asked Ben Example to come from 14:00 to 18:00 (On call).');
    expect(meanwhileWords(cover!, KNOWN, 'ana')).toBe('Until Ben Example agrees, you stay on call.');
    expect(meanwhileWords(cover!, KNOWN, 'ben')).toBe('Until you agree, Ana Example keeps the duty.');
    expect(meanwhileWords(cover!, KNOWN, 'cleo')).toBe('Until Ben Example agrees, Ana Example keeps the duty.');
  });

  it('that was agreed to says who comes', () => {
    expect(arrangedWords(cover!, KNOWN, 'ana', NOW)).toBe('Ben Example is on call from 14:00 to 18:00.');
    expect(arrangedWords(cover!, KNOWN, 'ben', NOW)).toBe('You are on call from 14:00 to 18:00.');
    expect(arrangedWords(swap!, KNOWN, 'ana', NOW)).toBe(
      'Ben Example is on call from Tue 08:00 to 20:00. You are on call from Wed 08:00 to 20:00.',
    );
    const [off] = requestsOf([change('o', { to_user_id: null, state: 'accepted' })]);
    expect([arrangedWords(off!, KNOWN, 'cleo', NOW), arrangedWords(off!, KNOWN, 'ana', NOW)]).toEqual([
      'Ana Example is off from 14:00 to 18:00.', 'You are off from 14:00 to 18:00.',
    ]);
    const [added] = requestsOf([change('p', { kind: 'add', user_id: 'cleo', to_user_id: null, state: 'accepted' })]);
    expect(arrangedWords(added!, KNOWN, 'ana', NOW)).toBe('Cleo Example is on call from 14:00 to 18:00.');
  });

  it('of a swap tells both shifts', () => {
    expect(askedWords(swap!, KNOWN, NOW)).toBe(
      'Ana Example asks you to swap: you come from Tue 08:00 to 20:00, Ana Example comes from Wed 08:00 to 20:00 (On call).',
    );
  });
});
