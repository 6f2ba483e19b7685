import { fullBptt, truncatedBptt, treeLeaves, type SequenceTask, type Strategy } from '@tempograd/core';

/** What of a gradient is compared: some of its tensors. */
export type Part<P> = (gradient: P) => unknown;

/**
 * The cosine between truncated gradients of a stretch, all updates added up at the same parameters, and the full one: 1 where the
 * direction is right, 0 where nothing of it is left.
 */
export function gradientCosines<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  lengths: readonly number[],
  updateEvery: number,
  part: Part<NoInfer<P>>,
): number[] {
  const gradient = (strategy: Strategy): Float64Array => summedGradient(task, params, stretch, strategy, part);
  const full = gradient(fullBptt());
  return lengths.map((backwardSteps) => cosine(gradient(truncatedBptt({ updateEvery, backwardSteps })), full));
}

/** Seconds of a processor that such gradients take, each the least over `rounds` rounds in which they take turns. */
export function gradientSeconds<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  lengths: readonly number[],
  updateEvery: number,
  rounds: number,
  onRound: (round: number) => void,
): number[] {
  const least = lengths.map(() => Infinity);
  for (let round = 0; round < rounds; round++) {
    onRound(round);
    lengths.forEach((backwardSteps, at) => {
      const begin = process.cpuUsage();
      summedGradient(task, params, stretch, truncatedBptt({ updateEvery, backwardSteps }), () => []);
      const { user, system } = process.cpuUsage(begin);
      least[at] = Math.min(least[at] as number, (user + system) / 1e6);
    });
  }
  return least;
}

function summedGradient<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  strategy: Strategy,
  part: Part<P>,
): Float64Array {
  const total: number[] = [];
  const run = strategy.start(task);
  for (const updates of [run.push(params, stretch), run.finish(params)]) {
    for (const update of updates) {
      let at = 0;
      for (const leaf of treeLeaves(part(update.gradient)))
        for (const value of leaf.readSync()) total[at] = (total[at++] ?? 0) + value;
    }
  }
  run.dispose();
  return Float64Array.from(total);
}

/** 0 where one of them is 0. */
function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array): number =>
    x.reduce((sum, value, at) => sum + value * (y[at] as number), 0);
  const norms = Math.sqrt(dot(a, a) * dot(b, b));
  return norms === 0 ? 0 : dot(a, b) / norms;
}
