import { disposeTree, key, truncatedBptt, useBackend } from '@tempograd/core';
import type { Backend } from '@tempograd/core/backend';
import { adam, characterVocabulary, charModel, contiguousStreams, fit } from '@tempograd/nn';
import type { SpeedRow } from '../run/speedRows.js';

/** How fast a backend trains a model. */
export interface Speed {
  readonly row: string;
  /** Characters per second: the median of the slices; null when there is none, because it failed or is too slow to wait for. */
  readonly median: number | null;
  /** The median deviation of slices from their median, relative to it; null of fewer than three slices. */
  readonly noise: number | null;
  /** Characters per second of each slice of time. */
  readonly slices: readonly number[];
  readonly updates: number;
  /** What went wrong; null when nothing. */
  readonly failure: string | null;
}

/** Milliseconds: what comes first and does not count, one slice, all slices. A long step may take longer. */
const [warmUp, sliceLength, enough] = [300, 250, 1800];
/** Updates that compile, allocate and fill caches. */
const firstUpdates = 3;
/** A step that takes longer than these milliseconds is measured once. */
const longStep = 2500;

/** Trains for some two seconds. A backend that fails gives its failure. */
export async function measureSpeed(backend: Backend, row: SpeedRow): Promise<Speed> {
  const slices: number[] = [];
  const measured = { updates: 0 };
  const speed = (failure: string | null): Speed => ({ row: row.id, ...spread(slices), slices, ...measured, failure });
  try {
    for await (const { updates, milliseconds } of slicesOf(backend, row)) {
      measured.updates += updates;
      slices.push((1000 * updates * row.batch * row.steps) / milliseconds);
    }
    return speed(null);
  } catch (error) {
    return speed(error instanceof Error ? error.message : String(error));
  }
}

interface Slice {
  readonly updates: number;
  readonly milliseconds: number;
}

async function* slicesOf(backend: Backend, { hidden, embedding, batch, steps }: SpeedRow): AsyncGenerator<Slice> {
  useBackend(backend);
  const text = characters(batch * (4 * steps + 1));
  const vocabulary = characterVocabulary(text);
  const model = charModel({ vocabulary: vocabulary.size, embedding, hidden });
  const params = model.init(key(1));
  try {
    const begin = performance.now();
    let before = { time: begin, update: 0 };
    let first: number | null = null;
    for await (const { update } of fit({
      task: model,
      params,
      data: contiguousStreams(text, { vocabulary, batch, steps }),
      strategy: truncatedBptt({ updateEvery: steps }),
      optimiser: adam({ learningRate: 1e-3 }),
      clip: { norm: 1 },
      updates: 1e9,
    })) {
      const now = performance.now();
      const last = now - before.time;
      if (first === null) {
        const isWarm = update >= firstUpdates && now - begin >= warmUp;
        if (isWarm || last > longStep) first = now;
        before = { time: now, update };
        continue;
      }
      if (last < sliceLength) continue;
      yield { updates: update - before.update, milliseconds: last };
      before = { time: now, update };
      if (now - first >= enough) return;
    }
  } finally {
    disposeTree(params);
  }
}

/** A text of 65 different characters that looks random and is always the same. */
function characters(length: number): string {
  let state = 1;
  return Array.from({ length }, (_, index) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCodePoint(48 + (index < 65 ? index : state % 65));
  }).join('');
}

function spread(slices: readonly number[]): Pick<Speed, 'median' | 'noise'> {
  if (slices.length === 0) return { median: null, noise: null };
  const middle = median(slices);
  if (slices.length < 3) return { median: middle, noise: null };
  return { median: middle, noise: median(slices.map((speed) => Math.abs(speed - middle))) / middle };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] as number)) / 2;
}
