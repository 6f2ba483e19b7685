import { notFinite } from './predictionOf.js';

/** How boldly to draw. */
export interface DrawSettings {
  readonly temperature: number;
  /** How many of the likeliest items may be drawn. */
  readonly topK: number;
  /** Share of the probability that the likeliest items, which may be drawn, have together. */
  readonly topP: number;
  /** Items that are never drawn. */
  readonly never: readonly number[];
}

/**
 * An item drawn from `softmax(logits / temperature)` among the `topK` likeliest of which, from the likeliest on, as many as have
 * `topP` of the probability together; `uniform` gives a number in [0, 1).
 * @throws DataError when logits are NaN or infinite.
 */
export function draw(logits: ArrayLike<number>, settings: DrawSettings, uniform: () => number): number {
  const { temperature, topK, topP, never } = settings;
  const weights = Float64Array.from(logits);
  let likeliest = -1;
  for (let id = 0; id < weights.length; id++) {
    const logit = weights[id] as number;
    if (!Number.isFinite(logit)) throw notFinite('generate');
    if (!(likeliest >= 0 && logit <= (weights[likeliest] as number)) && !never.includes(id)) likeliest = id;
  }
  if (temperature === 0) return likeliest;
  const largest = weights[likeliest] as number;
  for (let id = 0; id < weights.length; id++) weights[id] = Math.exp(((weights[id] as number) - largest) / temperature);
  for (const id of never) weights[id] = 0;
  if (topK < weights.length) keepLargest(weights, topK);
  if (topP < 1) keepNucleus(weights, topP);
  let left = uniform() * sumOf(weights);
  for (let id = 0; id < weights.length; id++) {
    left -= weights[id] as number;
    if (left < 0) return id;
  }
  return likeliest;
}

/** Makes 0 of all but the largest; of equal ones the first are kept. */
function keepLargest(weights: Float64Array, count: number): void {
  const least = nthLargest(weights, count);
  let room = count;
  for (const weight of weights) if (weight > least) room--;
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id] as number;
    if (weight > least || (weight === least && room-- > 0)) continue;
    weights[id] = 0;
  }
}

/** Makes 0 of what is not needed for `share` of the sum, with the largest taken first. Source: Holtzman et al. 2020, nucleus sampling. */
function keepNucleus(weights: Float64Array, share: number): void {
  const total = sumOf(weights);
  // All that are smaller have less than the rest of the share together, so that they need not be sorted.
  const least = ((1 - share) * total) / weights.length;
  const ranked: number[] = [];
  for (let id = 0; id < weights.length; id++) if ((weights[id] as number) >= least) ranked.push(id);
  ranked.sort((a, b) => (weights[b] as number) - (weights[a] as number) || a - b);
  const kept = new Map<number, number>();
  let sum = 0;
  for (const id of ranked) {
    if (sum >= share * total && kept.size > 0) break;
    kept.set(id, weights[id] as number);
    sum += weights[id] as number;
  }
  weights.fill(0);
  for (const [id, weight] of kept) weights[id] = weight;
}

/** The n-th largest number, n from 1, by quickselect. */
function nthLargest(values: Float64Array, n: number): number {
  const left = values.slice();
  let [from, to] = [0, left.length - 1];
  while (from < to) {
    const pivot = left[(from + to) >> 1] as number;
    let [low, high] = [from, to];
    while (low <= high) {
      while ((left[low] as number) > pivot) low++;
      while ((left[high] as number) < pivot) high--;
      if (low > high) break;
      const swapped = left[low] as number;
      left[low++] = left[high] as number;
      left[high--] = swapped;
    }
    if (n - 1 <= high) to = high;
    else if (n - 1 >= low) from = low;
    else break;
  }
  return left[n - 1] as number;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
