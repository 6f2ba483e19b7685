import { ArgumentError } from '../backend/errors.js';
import { forwardRuns, type Slots } from './checkpointCost.js';
import type { CheckpointSettings } from './checkpointOptions.js';
import { passRuns, type PassPlan } from './passActions.js';

/** Bytes of states, as they were measured for one length of segments. */
export interface StateSizes {
  /** Of a carry. */
  readonly hidden: number;
  /** Of a segment with all that its way back needs, and the carry after it. */
  readonly internal: number;
  /** Of all that is live at the worst moment beside stored states: what works on one segment, and the gradient so far. */
  readonly work: number;
  /** Of a gradient, which is in the work. */
  readonly gradient: number;
}

/** A pass, and how long its segments are. */
export interface SegmentedPass extends PassPlan {
  readonly segment: number;
}

/** Segments of a window that is cut into stretches of these lengths, each of which begins with a whole segment. */
function countUnits(lengths: readonly number[], segment: number): number {
  return lengths.reduce((sum, steps) => sum + Math.ceil(steps / segment), 0);
}

/**
 * How to run a window within the budget. `sizesOf` measures segments of a length; it is asked only where the budget is in bytes.
 * @throws ArgumentError where the budget does not hold a single step.
 */
export function planPass(
  settings: CheckpointSettings,
  lengths: readonly number[],
  sizesOf: (segment: number) => StateSizes,
): SegmentedPass {
  const { slots, bytes } = settings;
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  if (bytes !== null) return planWithin(bytes, settings, lengths, sizesOf);
  const segment = settings.segment ?? (slots === null ? Math.ceil(Math.sqrt(steps)) : 1);
  // Without a budget every carry is kept: in the slower store where there is one.
  const all = { carries: settings.slow === null ? Infinity : 0, recordings: 1 };
  return withBlocks(segment, countUnits(lengths, segment), slots ?? all, settings);
}

/** More slots than segments are of no use. */
function withBlocks(segment: number, units: number, slots: Slots, { slow }: CheckpointSettings): SegmentedPass {
  const useful = { carries: Math.min(slots.carries, units), recordings: Math.min(slots.recordings, units) };
  const plan = { segment, units, slots: useful, block: units };
  return slow === null ? plan : { ...plan, block: bestBlock(plan, slow.slots ?? Infinity) };
}

/** Blocks tried from the smallest on: larger ones run ever more. */
const blocksTried = 4096;

/** The block that needs the fewest runs, where so many states go to the slower store at most: neither the first block's start nor the last one's does. */
export function bestBlock(plan: PassPlan, slowSlots: number): number {
  const smallest = slowSlots === Infinity ? 1 : Math.ceil(plan.units / (slowSlots + 2));
  let best = plan.units;
  let fewest = passRuns({ ...plan, block: best });
  for (let block = Math.min(plan.units, smallest + blocksTried); block >= smallest; block--) {
    const runs = passRuns({ ...plan, block });
    if (runs < fewest) [best, fewest] = [block, runs];
  }
  return best;
}

function planWithin(
  bytes: number,
  settings: CheckpointSettings,
  lengths: readonly number[],
  sizesOf: (segment: number) => StateSizes,
): SegmentedPass {
  const planOf = (segment: number, sizes: StateSizes): SegmentedPass | null => {
    const units = countUnits(lengths, segment);
    const slots = slotsWithin(bytes, settings, units, sizes);
    return slots && withBlocks(segment, units, slots, settings);
  };
  let segment = settings.segment ?? cheapestSegment(bytes, lengths, sizesOf, planOf);
  for (;;) {
    const sizes = sizesOf(segment);
    const plan = planOf(segment, sizes);
    if (plan !== null) return plan;
    if (settings.segment !== null || segment === 1) throw tooFew(bytes, segment, sizes);
    segment = Math.floor(segment / 2);
  }
}

/** What it costs to start on a segment, in steps: packing weights, waking threads, and adding to the gradient. */
const startCost = 4;

/** The length that costs the least by sizes that grow evenly with it. */
function cheapestSegment(
  bytes: number,
  lengths: readonly number[],
  sizesOf: (segment: number) => StateSizes,
  planOf: (segment: number, sizes: StateSizes) => SegmentedPass | null,
): number {
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  const longest = Math.max(...lengths);
  const one = sizesOf(1);
  // Measuring must stay within the budget, too.
  if (longest < 2 || 2 * (one.internal + one.work) - one.gradient > bytes) return 1;
  const two = sizesOf(2);
  const sizesAt = (segment: number): StateSizes => {
    const at = (name: keyof StateSizes): number => one[name] + (two[name] - one[name]) * (segment - 1);
    return { hidden: at('hidden'), internal: at('internal'), work: at('work'), gradient: one.gradient };
  };
  let best = 1;
  let least = Infinity;
  for (let power = -10; power <= 6; power++) {
    const segment = Math.max(1, Math.min(longest, Math.round(Math.sqrt(steps) * 2 ** (power / 2))));
    const plan = planOf(segment, sizesAt(segment));
    if (plan === null) continue;
    // Forward steps and backward ones, which cost twice as much, for each step; and a little for measuring, which later updates share.
    const cost = (passRuns(plan) / plan.units + 2) * (1 + startCost / segment) + segment / (2 * steps);
    if (cost < least) [best, least] = [segment, cost];
  }
  return best;
}

/** The slots that need the fewest runs within so many bytes; null where there is no room for a single segment. */
function slotsWithin(bytes: number, { states }: CheckpointSettings, units: number, sizes: StateSizes): Slots | null {
  const free = bytes - sizes.work;
  const most = Math.min(units, Math.floor(free / Math.max(1, sizes.internal)));
  if (most < 1) return null;
  const beside = (recordings: number): Slots => ({
    recordings,
    carries: Math.min(units, Math.floor((free - recordings * sizes.internal) / Math.max(1, sizes.hidden))),
  });
  if (states === 'hidden') return beside(1);
  if (states === 'internal') return { recordings: most, carries: 0 };
  let best = beside(1);
  for (let recordings = 2; recordings <= most; recordings++) {
    const slots = beside(recordings);
    if (forwardRuns(units, slots) < forwardRuns(units, best)) best = slots;
  }
  return best;
}

function tooFew(bytes: number, segment: number, { internal, work }: StateSizes): ArgumentError {
  return new ArgumentError(
    `checkpoints: ${bytes} bytes do not hold a segment of ${segment} ${segment === 1 ? 'step' : 'steps'}, which takes ${internal} bytes, ` +
      `beside ${work} that work on it and the gradient take. Give at least ${internal + work} bytes${segment === 1 ? ', or a smaller batch' : ', or a smaller segment'}.`,
  );
}
