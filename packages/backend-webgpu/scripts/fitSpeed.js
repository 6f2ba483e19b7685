import { tiles } from '../dist/product/tiles.js';
import { timeOf } from '../dist/product/plan.js';

/** @import { Sizes } from '../dist/product/plan.js' */
/** @import { DeviceSpeed, Tile, TileSpeed } from '../dist/product/tiles.js' */

/** @typedef {{ sizes: Sizes, tile: string, pieces: number, nanoseconds: number }} Sample */
/** @typedef {Sample & { weight: number, by: Tile }} Weighed */

/**
 * The device speed that foretells samples best: with the least sum of |log(foretold / measured)|, in which a stray sample weighs little,
 * and one far from the fastest of its sizes weighs less than those that a choice is between.
 *
 * @param {readonly Sample[]} samples
 * @returns {DeviceSpeed}
 */
export function fitSpeed(samples) {
  /** @type {Map<string, number>} */
  const fastest = new Map();
  /** @param {Sample} sample */
  const key = ({ sizes }) => JSON.stringify(sizes);
  for (const sample of samples) {
    fastest.set(key(sample), Math.min(sample.nanoseconds, fastest.get(key(sample)) ?? Infinity));
  }
  const groups = tiles
    .map((by) =>
      samples
        .filter(({ tile }) => tile === by.name)
        .map((sample) => ({ ...sample, by, weight: (fastest.get(key(sample)) ?? 0) / sample.nanoseconds })),
    )
    .filter((group) => group.length > 0);
  /** @param {readonly number[]} shared */
  const fitAll = (shared) => groups.map((group) => fitTile(group, shared));
  // Of `dispatch`, `start` and `bytesPerNanosecond`.
  const shared = descend([3000, 1000, 500], 1.6, (point) => fitAll(point).reduce((sum, { error }) => sum + error, 0));
  const found = fitAll(shared);
  const entries = groups.map(([first], i) => [first?.by.name, found[i]?.speed]);
  return speedFrom(shared, Object.fromEntries(entries));
}

/**
 * @param {readonly Weighed[]} group
 * @param {readonly number[]} shared
 */
function fitTile(group, shared) {
  const tile = group[0]?.by;
  if (tile === undefined) throw new Error('A tile without samples.');
  /** @param {readonly number[]} point */
  const speed = ([step = 0, together = 0]) => ({ step: round(step), together: round(together) });
  /** @param {readonly number[]} point */
  const error = (point) => {
    const device = speedFrom(shared, { [tile.name]: speed(point) });
    let sum = 0;
    for (const { sizes, pieces, nanoseconds, weight } of group) {
      sum += weight * Math.abs(Math.log(timeOf(sizes, tile, pieces, device) / nanoseconds));
    }
    return sum;
  };
  const point = descend([30, 200], 2, error);
  return { speed: speed(point), error: error(point) };
}

/**
 * @param {readonly number[]} shared
 * @param {Readonly<Record<string, TileSpeed>>} speeds
 * @returns {DeviceSpeed}
 */
function speedFrom([dispatch = 0, start = 0, bytesPerNanosecond = 0], speeds) {
  return {
    tiles: speeds,
    dispatch: round(dispatch),
    start: round(start),
    bytesPerNanosecond: round(bytesPerNanosecond),
  };
}

/**
 * Positive numbers near `point` at which `error` is least, found by factors that shrink from `factor` on.
 *
 * @param {number[]} point
 * @param {number} factor
 * @param {(point: readonly number[]) => number} error
 */
function descend(point, factor, error) {
  let best = error(point);
  for (let by = factor; by > 1.02;) {
    let better = false;
    for (let i = 0; i < point.length; i++) {
      for (const f of [by, 1 / by]) {
        const tried = point.map((x, j) => (j === i ? x * f : x));
        const found = error(tried);
        if (found >= best) continue;
        [best, point, better] = [found, tried, true];
      }
    }
    if (!better) by = Math.sqrt(by);
  }
  return point;
}

/** @param {number} x */
function round(x) {
  return Number(x.toPrecision(3));
}
