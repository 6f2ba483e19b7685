import type { Key } from '../random/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { commonBackend } from '../tensor/bind.js';
import { add } from '../tensor/ops/index.js';
import { keep, scope, shareTree } from '../tensor/scope.js';
import { disposeTree, treeLeaves, treeZip } from '../tensor/tree.js';
import type { CheckpointSettings } from './checkpointOptions.js';
import type { KnownSizes } from './measureStates.js';
import { PendingSteps } from './PendingSteps.js';
import type { LossesOf } from './Piece.js';
import { planPass, type SegmentedPass, type StateSizes } from './planPass.js';
import type { WindowPlan, WindowSettings } from './planWindow.js';
import { runLead, type Gathered } from './runLead.js';
import { runPass, type PassResult, type PassUnit } from './runPass.js';
import type { PieceSnapshot, StepRange } from './Strategy.js';
import { withoutParams } from './TapedWindow.js';
import type { Window, WindowGradient } from './Window.js';

/** Steps between two cuts of windows. */
interface Section<P, S> {
  readonly from: number;
  readonly to: number;
  readonly steps: PendingSteps<S>;
  /** Those it ran with first; null where the current ones are used. */
  readonly params: P | null;
  readonly losses: LossesOf;
}

/** How states are kept, and what is known of their sizes. */
export interface Checkpoints<P, C, S, O> {
  readonly settings: CheckpointSettings;
  readonly sizes: KnownSizes;
  /** The task that sizes are measured on, the same for all runs: its losses all count. */
  readonly measured: SequenceTask<P, C, S, O>;
}

/** A window of which some states are kept, within a budget: each update runs it again as often as that takes. */
export class CheckpointedWindow<P, C, S, O> implements Window<P, C, S> {
  readonly #task: SequenceTask<P, C, S, O>;
  readonly #settings: WindowSettings;
  readonly #checkpoints: Checkpoints<P, C, S, O>;
  readonly #key: Key | null;
  #carry: C | null;
  /** The carry before the oldest section; null where that starts the sequence. */
  #start: C | null = null;
  /** What later windows reach into, oldest first; in an update its own interval as well. */
  #sections: Section<P, S>[] = [];

  /** Takes the carry over. */
  constructor(
    task: SequenceTask<P, C, S, O>,
    settings: WindowSettings,
    checkpoints: Checkpoints<P, C, S, O>,
    key: Key | null,
    carry: C | null,
  ) {
    this.#task = task;
    this.#settings = settings;
    this.#checkpoints = checkpoints;
    this.#key = key;
    this.#carry = carry;
  }

  get carry(): C | null {
    return this.#carry;
  }

  update(params: P, plan: WindowPlan, pending: PendingSteps<S>, { from, to }: StepRange): WindowGradient<P> {
    this.#sections = this.#sections.map((section) => ({ ...section, losses: 'none' }));
    if (this.#sections.length === 0) this.#setStart(shareTree(this.#carry));
    const leading = plan.lead > 0 ? pending.takeParts(plan.lead) : null;
    let lead: Gathered<P> | null = null;
    try {
      let at = from + plan.lead;
      for (const { steps, losses } of plan.pieces) {
        this.#addSection(at, pending.takeParts(steps), losses, params);
        at += steps;
      }
      const { pass, probed } = this.#plan(params);
      if (leading !== null) lead = this.#runLead(params, leading, from, pass.segment);
      const result = this.#pull(params, pass, lead, plan.reachFrom);
      const windowFrom = to - pass.steps;
      return {
        gradient: result.gradient,
        loss: result.loss,
        windowFrom,
        forwardSteps: plan.lead + result.forwardSteps + 2 * probed,
        backwardSteps: pass.steps + probed,
      };
    } finally {
      leading?.dispose();
      if (lead !== null) disposeTree([lead.gradient, lead.loss]);
    }
  }

  snapshot(): PieceSnapshot[] {
    return this.#sections.map(({ from, steps, params }, index) => ({
      from,
      params: shareTree(params),
      // The others come of running.
      carry: index === 0 ? shareTree(this.#start) : null,
      stretch: steps.share(),
    }));
  }

  restore(carry: C | null, pieces: readonly PieceSnapshot[]): void {
    this.#setCarry(shareTree(carry));
    this.#setStart(shareTree((pieces[0]?.carry ?? null) as C | null));
    for (const { from, stretch, params } of pieces) {
      if (params === null && this.#settings.staleness === 'stored') throw withoutParams();
      const steps = new PendingSteps<S>();
      steps.add(stretch as S);
      this.#addSection(from, steps, 'none', params as P);
    }
  }

  dispose(): void {
    this.#setCarry(null);
    this.#setStart(null);
    for (const section of this.#sections) disposeSection(section);
    this.#sections = [];
  }

  /** Takes the steps over. */
  #addSection(from: number, steps: PendingSteps<S>, losses: LossesOf, params: P): void {
    const stored = this.#settings.staleness === 'stored' ? shareTree(params) : null;
    this.#sections.push({ from, to: from + steps.time, steps, losses, params: stored });
  }

  /** How to run the window as it is now, and the steps that were run twice forward and once back to find out. */
  #plan(params: P): { pass: SegmentedPass & { steps: number }; probed: number } {
    const backend = commonBackend('training', treeLeaves(params));
    const { settings, sizes, measured } = this.#checkpoints;
    const first = this.#sections[0] as Section<P, S>;
    let probed = 0;
    const measure = (steps: number): StateSizes => {
      const length = Math.min(steps, first.steps.time);
      const found = sizes.of(measured, backend, {
        params: first.params ?? params,
        carry: this.#start,
        stretch: () => first.steps.slice(0, length),
        isCut: this.#sections.some(({ steps: parts }) => parts.isCut),
        from: first.from,
        key: this.#key,
      });
      if (found.isNew) probed += length;
      return found.sizes;
    };
    const lengths = this.#sections.map(({ steps }) => steps.time);
    const pass = planPass(settings, lengths, measure);
    return { pass: { ...pass, steps: lengths.reduce((sum, steps) => sum + steps, 0) }, probed };
  }

  /** Runs steps before a short window, a segment at a time, and leaves the window to start from there. */
  #runLead(params: P, steps: PendingSteps<S>, from: number, segment: number): Gathered<P> | null {
    const counts = this.#settings.lossScope === 'interval';
    let sum: Gathered<P> | null = null;
    try {
      for (let at = 0; at < steps.time; at += segment) {
        const stretch = steps.slice(at, Math.min(at + segment, steps.time));
        try {
          const call = { params, carry: this.#start, stretch, from: from + at, key: this.#key };
          const { carry, gathered } = runLead(this.#task, call, counts);
          this.#setStart(carry);
          sum = addGathered(sum, gathered);
        } finally {
          disposeTree(stretch);
        }
      }
      return sum;
    } catch (error) {
      if (sum !== null) disposeTree([sum.gradient, sum.loss]);
      throw error;
    }
  }

  /** Pulls the losses of the interval back through the window, and forgets what no later window reaches. */
  #pull(params: P, plan: SegmentedPass, soFar: Gathered<P> | null, reachFrom: number): PassResult<P> {
    const oldest = this.#sections.findIndex(({ to }) => to > reachFrom);
    const gone = oldest === -1 ? this.#sections : this.#sections.slice(0, oldest);
    const cuts = this.#sections.map((section) => unitsOf(section, params, plan.segment));
    const units = cuts.flat();
    const begins = gone.reduce((sum, _, index) => sum + (cuts[index] as unknown[]).length, 0);
    let last: C | null = null;
    let start: C | null = null;
    try {
      const result = runPass({
        task: this.#task,
        key: this.#key,
        units,
        start: this.#start,
        plan,
        store: this.#checkpoints.settings.slow?.store ?? null,
        soFar,
        passed(at, carry) {
          if (at === units.length) last ??= shareTree(carry);
          if (at === begins) start ??= shareTree(carry);
        },
      });
      this.#setCarry(shareTree(last));
      if (oldest !== 0) this.#setStart(oldest === -1 ? null : shareTree(start));
      this.#sections = this.#sections.slice(gone.length);
      for (const section of gone) disposeSection(section);
      return result;
    } finally {
      disposeTree([last, start]);
    }
  }

  #setCarry(carry: C | null): void {
    disposeTree(this.#carry);
    this.#carry = carry;
  }

  #setStart(carry: C | null): void {
    disposeTree(this.#start);
    this.#start = carry;
  }
}

/** A section in segments; of losses that count at its end alone, only the last segment has one. */
function unitsOf<P, S>(
  { from, to, steps, losses, params }: Section<P, S>,
  current: P,
  segment: number,
): PassUnit<P, S>[] {
  const units: PassUnit<P, S>[] = [];
  for (let at = from; at < to; at += segment) {
    const end = Math.min(at + segment, to);
    units.push({
      from: at,
      to: end,
      losses: losses === 'last' && end < to ? 'none' : losses,
      params: params ?? current,
      stretch: () => steps.slice(at - from, end - from),
    });
  }
  return units;
}

/** The sum of two; the first is taken over, and so is the second. */
function addGathered<P>(sum: Gathered<P> | null, more: Gathered<P> | null): Gathered<P> | null {
  if (sum === null || more === null) return sum ?? more;
  try {
    return scope(() => keep({ gradient: treeZip(sum.gradient, more.gradient, add), loss: add(sum.loss, more.loss) }));
  } finally {
    disposeTree([sum.gradient, sum.loss, more.gradient, more.loss]);
  }
}

function disposeSection<P, S>({ steps, params }: Section<P, S>): void {
  steps.dispose();
  disposeTree(params);
}
