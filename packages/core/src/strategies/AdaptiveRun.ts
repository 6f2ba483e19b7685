import { ArgumentError } from '../backend/errors.js';
import { gradientByLag, type GradientByLag } from '../credit/gradientByLag.js';
import { foldIn, foldInName, type Key } from '../random/index.js';
import { unobserved } from '../recurrence/observeSegments.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { commonBackend } from '../tensor/bind.js';
import { globalNorm } from '../tensor/fused/globalNorm.js';
import { scope, shareTree } from '../tensor/scope.js';
import { disposeTree, treeLeaves } from '../tensor/tree.js';
import { ChainRun, type ChainPolicy, type Stride } from './ChainRun.js';
import { biasBound, fitDecay, lengthWithin, type GradientDecay } from './gradientDecay.js';
import { PendingSteps } from './PendingSteps.js';
import { RunState } from './RunState.js';
import type { RunOptions, RunSnapshot, StrategyRun, Update } from './Strategy.js';

/** Options of `adaptiveTruncation`, resolved. */
export interface AdaptiveSettings {
  readonly updateEvery: number;
  readonly maxLength: number;
  readonly minLength: number;
  readonly tolerance: number;
  readonly measureEvery: number;
  readonly losses: number;
  readonly segment: number;
}

/** What a snapshot keeps beside the chain. */
interface AdaptiveState {
  readonly length: number;
  readonly measured: Measured;
  readonly decay: GradientDecay | null;
  readonly past: unknown;
  readonly carries: readonly { readonly step: number; readonly carry: unknown }[];
}

/** The latest measurement: over how many steps, and how many updates ago. */
interface Measured {
  readonly steps: number;
  readonly updatesAgo: number;
}

/** A chain whose length follows measurements. */
export class AdaptiveRun<P, C, S, O> implements StrategyRun<P, C, S> {
  readonly #task: SequenceTask<P, C, S, O>;
  readonly #settings: AdaptiveSettings;
  readonly #key: Key | null;
  readonly #chain: ChainRun<P, C, S, O>;
  #length: number;
  #measured: Measured = { steps: 0, updatesAgo: 0 };
  #decay: GradientDecay | null = null;
  /** Steps from the earliest carry on: those that may be measured, then those that are not trained on yet. */
  readonly #given = new PendingSteps<S>();
  /** The carries that intervals began with, oldest first, with the step they stand before; null starts the sequence. */
  #carries: { readonly step: number; readonly carry: C | null }[] = [];
  readonly #state = new RunState();

  constructor(task: SequenceTask<P, C, S, O>, settings: AdaptiveSettings, options: RunOptions<C>) {
    const { key = null, carry = null, snapshot } = options;
    [this.#task, this.#settings, this.#key, this.#length] = [task, settings, key, settings.maxLength];
    const saved = (snapshot?.state ?? null) as AdaptiveState | null;
    if (snapshot !== undefined && saved === null) throw withoutMeasurements();
    const policy = lastSteps(settings, () => this.#length);
    this.#chain = new ChainRun(task, policy, key, options);
    if (saved === null) {
      this.#carries.push({ step: 0, carry: shareTree(carry) });
      return;
    }
    [this.#length, this.#measured, this.#decay] = [saved.length, saved.measured, saved.decay];
    this.#carries = saved.carries.map((each) => ({ step: each.step, carry: shareTree(each.carry) as C | null }));
    for (const steps of [saved.past, snapshot?.pending ?? null]) if (steps !== null) this.#given.add(steps as S);
  }

  get position(): number {
    return this.#chain.position;
  }

  get carry(): C | null {
    return this.#chain.carry;
  }

  *push(params: P, stretch: S): Generator<Update<P>, void, void> {
    this.#begin('push', params);
    this.#given.add(stretch);
    yield* this.#measuring(params, this.#chain.push(params, stretch));
  }

  *finish(params: P): Generator<Update<P>, void, void> {
    this.#begin('finish', params);
    yield* this.#measuring(params, this.#chain.finish(params));
  }

  snapshot(): RunSnapshot {
    this.#state.requireWhole('snapshot', this.position);
    const snapshot = this.#chain.snapshot();
    const [length, measured, decay] = [this.#length, this.#measured, this.#decay];
    const steps = this.position - this.#pastFrom;
    const past = steps === 0 ? null : this.#given.slice(0, steps);
    const carries = this.#carries.map(({ step, carry }) => ({ step, carry: shareTree(carry) }));
    return { ...snapshot, state: { length, measured, decay, past, carries } satisfies AdaptiveState };
  }

  dispose(): void {
    this.#chain.dispose();
    this.#given.dispose();
    disposeTree(this.#carries.map(({ carry }) => carry));
    this.#carries = [];
  }

  /** The step that what is held of the past begins with. */
  get #pastFrom(): number {
    return this.#carries[0]?.step ?? 0;
  }

  #begin(op: string, params: P): void {
    this.#state.requireWhole(op, this.position);
    if (commonBackend('training', treeLeaves(params)).readSync !== undefined) return;
    throw new ArgumentError(
      'adaptiveTruncation: it measures gradients and must read them at once, which this backend cannot. ' +
        'Measure with readGradientByLag(), and train with truncatedBptt({ updateEvery, backwardSteps }).',
    );
  }

  *#measuring(params: P, updates: Generator<Update<P>, void, void>): Generator<Update<P>, void, void> {
    for (const update of updates) yield this.#state.orBroken(() => this.#told(params, update));
  }

  /** The update with what is known of its truncation; measures where it is time. */
  #told(params: P, update: Update<P>): Update<P> {
    const { lossSteps, parameterSteps } = update;
    this.#carries.push({ step: lossSteps.to, carry: shareTree(this.#chain.carry) });
    const steps = this.#isTime(lossSteps.to) ? this.#measure(params, update) : 0;
    this.#forget(lossSteps.to);
    const length = lossSteps.to - parameterSteps.from;
    const bound = this.#decay === null ? null : biasBound(this.#decay, length);
    return {
      ...update,
      forwardSteps: update.forwardSteps + steps,
      backwardSteps: update.backwardSteps + steps,
      unbiased: parameterSteps.from === 0,
      peakBytes: Math.max(update.peakBytes, commonBackend('training', treeLeaves(params)).memory().peakBytes),
      truncation: { length, biasBound: parameterSteps.from === 0 ? 0 : bound, decay: this.#decay?.decay ?? null },
    };
  }

  /** Whether to measure: as often as was asked, and whenever twice as many steps can be seen as the last time. */
  #isTime(to: number): boolean {
    const { measureEvery, maxLength } = this.#settings;
    const { steps, updatesAgo } = this.#measured;
    this.#measured = { steps, updatesAgo: updatesAgo + 1 };
    const visible = Math.min(to - this.#pastFrom, maxLength);
    return updatesAgo + 1 >= measureEvery || (steps < maxLength && visible >= Math.min(2 * steps, maxLength));
  }

  /** Measures how gradients fade, and chooses the length of the next updates. Returns the steps that it ran over. */
  #measure(params: P, { gradient, lossSteps: { from, to } }: Update<P>): number {
    const { maxLength, minLength, tolerance, losses } = this.#settings;
    const { step: first, carry } = this.#carries[0] as { readonly step: number; readonly carry: C | null };
    const time = to - first;
    const lags = Math.min(time, maxLength) - 1;
    const asked = [
      ...new Set(Array.from({ length: losses }, (_, n) => time - 1 - Math.floor((n * (to - from)) / losses))),
    ];
    const stretch = this.#given.slice(0, time);
    try {
      const key = this.#key && foldIn(foldInName(this.#key, 'adaptiveTruncation'), to);
      const options = { from: asked, lags, key, ...(carry === null ? {} : { carry }) };
      const byLag = unobserved(() => gradientByLag(this.#task, params, stretch, options));
      const norm = scope(() => globalNorm(gradient).readSync()[0] as number);
      this.#decay = fitDecay({ ...stateDecay(byLag), gradient: norm / (to - from) });
    } finally {
      disposeTree(stretch);
    }
    this.#length = this.#decay === null ? maxLength : lengthWithin(this.#decay, tolerance, minLength, maxLength);
    this.#measured = { steps: Math.min(time, maxLength), updatesAgo: 0 };
    return time - Math.max(0, (asked.at(-1) as number) - lags);
  }

  /** Forgets what is further back than a measurement reaches. */
  #forget(to: number): void {
    const before = this.#pastFrom;
    while ((this.#carries[1]?.step ?? to) <= to - this.#settings.maxLength) disposeTree(this.#carries.shift()?.carry);
    const steps = this.#pastFrom - before;
    if (steps > 0) this.#given.takeParts(steps).dispose();
  }
}

/** Norms of the state's gradient by lag over all leaves of the carry, and the most that parameters get of them. */
function stateDecay({ states, parameters }: GradientByLag): { readonly phi: number[]; readonly ratio: number } {
  const leaves = Object.values(states);
  const lags = Math.max(0, ...leaves.map(({ length }) => length));
  // At lag 0 each leaf tells of the output.
  const phi = Array.from({ length: lags }, (_, k) =>
    k === 0 ? (leaves[0]?.[0] ?? 0) : Math.hypot(...leaves.map((norms) => norms[k] ?? 0)),
  );
  const ratio = Math.max(0, ...phi.map((norm, k) => (norm > 0 ? (parameters[k] ?? 0) / norm : 0)));
  return { phi, ratio };
}

/** A chain that is pulled back over the last steps, in whole links, those that begin further back than the longest left out. */
function lastSteps({ updateEvery, segment, maxLength }: AdaptiveSettings, length: () => number): ChainPolicy {
  return {
    updateEvery,
    linkEnd: (from, to) => Math.min(to, (Math.floor(from / segment) + 1) * segment),
    wayBack(links, from, updateEnds) {
      if (!updateEnds) return [];
      const to = links.at(-1)?.to ?? 0;
      return links
        .filter((link) => link.to > to - length() && link.from >= to - maxLength)
        .toReversed()
        .map((link): Stride => ({ losses: link.from >= from ? 1 : 0, carry: 1, learns: true }));
    },
    reachFrom: (links) => (links.at(-1)?.to ?? 0) + 1 - length(),
    // The run says it itself: what was forgotten is not there when the length grows.
    unbiased: () => false,
  };
}

function withoutMeasurements(): ArgumentError {
  return new ArgumentError(
    'The snapshot lacks what adaptiveTruncation measured: it is of a run of another strategy. Go on with that.',
  );
}
