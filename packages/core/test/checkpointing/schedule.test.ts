import { expect, test } from 'vitest';
import { checkpointSchedule, type CheckpointScheduleOptions } from '../../src/index.js';
import { forwardRuns } from '../../src/strategies/checkpointCost.js';

/** What a schedule does, found by doing it: steps forward, and the most states of each kind at once, that of the start included. */
function walk(options: CheckpointScheduleOptions) {
  const { time, segment = 1 } = options;
  const places: { at: number; recorded: boolean; stored: boolean }[] = [{ at: 0, recorded: false, stored: false }];
  const slow: number[] = [];
  const pulled: number[] = [];
  let [forwardSteps, hidden, internal, slowest] = [0, 1, 0, 0];
  const require = (holds: boolean, action: object): void => {
    if (!holds) throw new Error(`${JSON.stringify(action)} does not go with ${JSON.stringify(places.at(-1))}`);
  };
  for (const action of checkpointSchedule(options).actions) {
    const { from, to } = action;
    const newest = places.at(-1) ?? { at: NaN, recorded: false, stored: false };
    if (action.do === 'keep' || action.do === 'put' || action.do === 'record') {
      require(from === newest.at && to > from, action);
      forwardSteps += to - from;
      if (newest.stored) places.pop();
      places.push({ at: to, recorded: action.do === 'record', stored: action.do === 'put' });
      if (action.do === 'put') slow.push(to);
    } else if (action.do === 'get') {
      require(slow.pop() === to, action);
      places.push({ at: to, recorded: false, stored: false });
    } else {
      require(newest.at === to && newest.recorded === (action.do === 'pull') && !newest.stored, action);
      places.pop();
      if (action.do === 'pull') pulled.push(to - from);
    }
    const recorded = places.reduce((sum, place) => sum + Number(place.recorded), 0);
    hidden = Math.max(hidden, places.length - recorded);
    internal = Math.max(internal, recorded);
    slowest = Math.max(slowest, slow.length);
  }
  expect(places).toEqual([{ at: 0, recorded: false, stored: false }]);
  expect(pulled.reduce((sum, steps) => sum + steps, 0)).toBe(time);
  expect(pulled.length).toBe(Math.ceil(time / segment));
  return { forwardSteps, hidden, internal, slowest };
}

test('the counts of the papers, and what a schedule says of itself is what it does', () => {
  for (const [states, slots, forwardSteps] of [
    ['internal', 50, 1950],
    ['internal', 10, 3640],
    ['hidden', 50, 2948],
    ['hidden', 10, 4636],
  ] as const) {
    const options = { time: 1000, slots, states };
    expect(checkpointSchedule(options).forwardSteps, `${states}, ${slots}`).toBe(forwardSteps);
    const done = walk(options);
    expect(done.forwardSteps, `${states}, ${slots}`).toBe(forwardSteps);
    expect(done, `${states}, ${slots}`).toMatchObject(
      states === 'hidden' ? { hidden: slots, internal: 1 } : { hidden: 1, internal: slots },
    );
  }
});

test('no schedule of so many slots of each kind needs fewer steps: dynamic programming over all cuts', () => {
  const time = 30;
  const costs = new Map<string, number[]>();
  for (let internal = 0; internal <= 3; internal++) {
    for (let carries = 0; carries <= 3; carries++) {
      const cost = [0];
      for (let t = 1; t <= time; t++) {
        let least = Infinity;
        for (let y = 1; y <= t; y++) {
          const behind = costs.get(`${internal - 1},${carries}`)?.[t - y] ?? Infinity;
          least = Math.min(least, y + (cost[y - 1] as number) + behind);
          const kept = costs.get(`${internal},${carries - 1}`)?.[t - y] ?? Infinity;
          if (y < t) least = Math.min(least, y + (cost[y] ?? Infinity) + kept);
        }
        cost.push(least);
        if (internal > 0) {
          const slots = { hidden: carries + 1, internal };
          expect(forwardRuns(t, { carries, recordings: internal }), JSON.stringify([t, slots])).toBe(least);
          expect(walk({ time: t, slots }).forwardSteps, JSON.stringify([t, slots])).toBe(least);
        }
      }
      costs.set(`${internal},${carries}`, cost);
    }
  }
});

test('never more slots than given, whatever the lengths, and the last segment may be short', () => {
  for (const time of [1, 2, 5, 17, 64]) {
    for (const segment of [1, 3, 100]) {
      for (const [hidden, internal] of [
        [1, 1],
        [4, 1],
        [1, 5],
        [3, 2],
        [200, 300],
        [Infinity, 1],
      ] as const) {
        for (const slowSlots of [undefined, 1, 2, Infinity]) {
          const options = { time, segment, slots: { hidden, internal }, ...(slowSlots && { slowSlots }) };
          const done = walk(options);
          expect(done.forwardSteps, JSON.stringify(options)).toBe(checkpointSchedule(options).forwardSteps);
          // With a slower store the start of the sequence is held beside that of the block.
          expect(done.hidden).toBeLessThanOrEqual(hidden + (slowSlots === undefined ? 0 : 1));
          expect(done.internal).toBeLessThanOrEqual(internal);
          expect(done.slowest).toBeLessThanOrEqual(slowSlots ?? 0);
        }
      }
    }
  }
});

test('places without end hold everything, unless it is carries that are asked for', () => {
  const options = { time: 20, slots: Infinity };
  expect(walk(options)).toEqual({ forwardSteps: 20, hidden: 1, internal: 20, slowest: 0 });
  expect(walk({ ...options, states: 'hidden' })).toMatchObject({ forwardSteps: 39, internal: 1 });
});

test('a million steps are planned without a table', () => {
  expect(checkpointSchedule({ time: 1e6, slots: 50 }).forwardSteps).toBe(
    forwardRuns(1e6, { carries: 49, recordings: 1 }),
  );
  expect(walk({ time: 1e6, slots: 1000, segment: 1000 }).forwardSteps).toBe(1_999_000);
});
