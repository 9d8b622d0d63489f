import { describe, expect, it } from 'vitest';
import { at, change, level, NOW, rota, span, stretchOf, ZONE } from './rota.fixture.ts';
import { byDay, dutiesOf, fallen, gapsOf, isPlanned, overlapsOf, othersNow, requestsOf, shiftsOf, sortRequests } from './spans.ts';

const RULE = {
  id: 'r', level: 'on_call', zone: ZONE, turns: [], people: ['ana'], advance: 'week', first_week: '2026-11-16', ends: null,
} as const;
const planned = { rules: [{ ...RULE, turns: [], people: ['ana'] }] };

const WEEK = rota([
  level('lead', [span('cleo', '22T08:00', '29T08:00')]),
  level('on_call', [
    span('ana', '22T08:00', '22T20:00'),
    span('ana', '22T20:00', '23T08:00', { why: 'instead', source_id: 'c' }),
    span('ben', '23T08:00', '24T08:00'),
    span('ana', '24T08:00', '24T20:00'),
  ]),
]);

describe('one person’s shifts', () => {
  it('run from the first instant to the last, though they come of several words', () => {
    const { running, coming } = shiftsOf(WEEK, 'ana', NOW);
    expect(running.map(({ level: of, to_ms }) => [of, to_ms])).toEqual([['on_call', at('23T08:00')]]);
    expect(coming.map(({ from_ms }) => from_ms)).toEqual([at('24T08:00')]);
  });

  it('begin with their first instant and have ended at their end', () => {
    const running = (now: number): number => shiftsOf(WEEK, 'ben', now).running.length;
    expect([at('23T08:00') - 1, at('23T08:00'), at('24T08:00') - 1, at('24T08:00')].map(running)).toEqual([0, 1, 1, 0]);
  });

  it('are nobody’s who has left the program', () => {
    const gone = rota([level('on_call', [span('ana', '22T08:00', '23T08:00', { absent: true })])]);
    expect(shiftsOf(gone, 'ana', NOW)).toEqual({ running: [], coming: [] });
    expect(othersNow(gone, 'ben', NOW)).toEqual([]);
  });

  it('have beside them those of the others, on call first', () => {
    expect(othersNow(WEEK, 'ben', NOW).map(({ user_id }) => user_id)).toEqual(['ana', 'cleo']);
    expect(othersNow(WEEK, 'ana', NOW).map(({ user_id }) => user_id)).toEqual(['cleo']);
  });
});

describe('gaps', () => {
  const gaps = [stretchOf('22T08:00', '22T14:00'), stretchOf('24T02:00', '24T06:00'), stretchOf('28T02:00', '28T06:00')];

  it('are told while they are not over and as far as one looks', () => {
    const found = gapsOf(rota([level('on_call', [], { ...planned, gaps })]), NOW, at('28T02:00'));
    expect(found.map(({ from_ms }) => from_ms)).toEqual([at('24T02:00')]);
    expect(gapsOf(rota([level('on_call', [], { ...planned, gaps })]), NOW - 1, at('28T02:00') + 1)).toHaveLength(3);
  });

  it('are none of a level that nobody planned', () => {
    const unplanned = rota([level('deputy', [], { gaps })]);
    expect([gapsOf(unplanned, NOW, at('28T02:00')), isPlanned(unplanned, 'deputy'), isPlanned(unplanned, 'lead')]).toEqual([[], false, false]);
  });
});

it('an overlap names who is there', () => {
  const both = level('on_call', [span('ana', '22T08:00', '23T08:00'), span('ben', '22T16:00', '22T18:00', { why: 'add' })], {
    overlaps: [{ ...stretchOf('22T16:00', '22T18:00'), user_ids: ['ana', 'ben'] }],
  });
  expect(overlapsOf(rota([both]), NOW, at('29T00:00')).map(({ names }) => names)).toEqual([['Ana Example', 'Ben Example']]);
  expect(overlapsOf(rota([both]), at('22T18:00'), at('29T00:00'))).toEqual([]);
});

describe('days', () => {
  const duties = dutiesOf(rota([level('on_call', [span('ana', '22T13:00', '23T08:00'), span('ben', '23T08:00', '25T00:00')])]));
  const gaps = [{ level: 'on_call' as const, from_ms: at('25T00:00'), to_ms: at('25T06:00') }];
  const days = byDay(duties, gaps, ZONE, at('22T13:00'), NOW, 4);

  it('begin with today in the zone, each with its own pieces', () => {
    expect(days.map(({ day, pieces }) => [day, pieces.map(({ duty }) => duty?.user_id ?? null)])).toEqual([
      ['2026-11-22', ['ana']], ['2026-11-23', ['ana', 'ben']], ['2026-11-24', ['ben']], ['2026-11-25', [null]],
    ]);
  });

  it('cut what is longer, and claim no beginning that nobody told', () => {
    expect(days[0]!.pieces[0]).toMatchObject({ from_ms: days[0]!.from_ms, to_ms: days[0]!.to_ms });
    expect(days[1]!.pieces.map(({ from_ms, to_ms }) => [from_ms, to_ms])).toEqual([
      [at('23T00:00'), at('23T08:00')], [at('23T08:00'), at('24T00:00')],
    ]);
  });

  it('are as long as the clock makes them', () => {
    const spring = byDay([], [], ZONE, 0, Date.parse('2026-03-08T08:00:00Z'), 1)[0]!;
    expect((spring.to_ms - spring.from_ms) / 3_600_000).toBe(23);
  });
});

describe('requests', () => {
  const swap = [
    change('s1', { swap_id: 's1', ...stretchOf('24T08:00', '24T20:00') }),
    change('s2', { swap_id: 's1', user_id: 'ben', to_user_id: 'ana', ...stretchOf('25T08:00', '25T20:00') }),
  ];

  it('of a swap are one, told from the side of whoever asked', () => {
    for (const changes of [swap, swap.toReversed()]) {
      expect(requestsOf(changes).map(({ id, back }) => [id, back?.id])).toEqual([['s1', 's2']]);
    }
  });

  it('are put to whom they are for', () => {
    const changes = [change('a'), ...swap, change('done', { state: 'accepted' }), change('over', stretchOf('22T08:00', '22T14:00'))];
    const ids = (user_id: string): string[][] => {
      const { asked, mine, arranged } = sortRequests(changes, user_id, NOW);
      return [asked, mine, arranged].map((list) => list.map(({ id }) => id));
    };
    expect(ids('ben')).toEqual([['a', 's1'], [], ['done']]);
    expect(ids('ana')).toEqual([[], ['a', 's1'], ['done']]);
    expect(ids('cleo')).toEqual([[], [], []]);
  });

  it('that stand no longer and were not agreed to are told to whoever asked, and to nobody else', () => {
    const before = [change('a'), change('b'), change('c')];
    const after = [change('a'), change('b', { state: 'accepted' })];
    expect(fallen(before, after, 'ana', NOW).map(({ id }) => id)).toEqual(['c']);
    expect(fallen(before, after, 'ben', NOW)).toEqual([]);
    // What is over fell by itself.
    expect(fallen(before, after, 'ana', at('22T18:00'))).toEqual([]);
  });
});
