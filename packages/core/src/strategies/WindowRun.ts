import { stopGradient } from '../autodiff/index.js';
import type { SequenceTask } from '../recurrence/SequenceTask.js';
import { keep, shareTree } from '../tensor/scope.js';
import { CheckpointedWindow, type Checkpoints } from './CheckpointedWindow.js';
import { PendingSteps } from './PendingSteps.js';
import { planWindow, type WindowSettings } from './planWindow.js';
import { RunState } from './RunState.js';
import type { RunOptions, RunSnapshot, StrategyRun, Update } from './Strategy.js';
import { TapedWindow } from './TapedWindow.js';
import type { Window } from './Window.js';

/** Backpropagation through a window that ends at each update. */
export class WindowRun<P, C, S, O> implements StrategyRun<P, C, S> {
  #settings: WindowSettings;
  #position = 0;
  #pending = new PendingSteps<S>();
  #window: Window<P, C, S>;
  #state = new RunState();

  /** Without checkpoints all that the way back needs is kept. */
  constructor(
    task: SequenceTask<P, C, S, O>,
    settings: WindowSettings,
    options: RunOptions<C>,
    checkpoints: Checkpoints<P, C, S, O> | null = null,
  ) {
    this.#settings = settings;
    const { key = null, carry, snapshot } = options;
    const start = snapshot === undefined && carry !== undefined ? keep(stopGradient(carry)) : null;
    this.#window =
      checkpoints === null
        ? new TapedWindow(task, settings, key, start)
        : new CheckpointedWindow(task, settings, checkpoints, key, start);
    if (snapshot !== undefined) this.#restore(snapshot);
  }

  get position(): number {
    return this.#position;
  }

  get carry(): C | null {
    return this.#window.carry;
  }

  *push(params: P, stretch: S): Generator<Update<P>, void, void> {
    this.#state.requireWhole('push', this.#position);
    this.#pending.add(stretch);
    while (this.#pending.time >= this.#settings.updateEvery) {
      yield* this.#updates(params, this.#settings.updateEvery);
    }
  }

  *finish(params: P): Generator<Update<P>, void, void> {
    this.#state.requireWhole('finish', this.#position);
    if (this.#pending.time > 0) yield* this.#updates(params, this.#pending.time);
  }

  snapshot(): RunSnapshot {
    this.#state.requireWhole('snapshot', this.#position);
    return {
      position: this.#position,
      carry: shareTree(this.carry),
      pending: this.#pending.share(),
      pieces: this.#window.snapshot(),
    };
  }

  dispose(): void {
    this.#pending.dispose();
    this.#window.dispose();
  }

  #restore({ position, carry, pending, pieces }: RunSnapshot): void {
    this.#position = position;
    try {
      if (pending !== null) this.#pending.add(pending as S);
      this.#window.restore(carry as C | null, pieces);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #updates(params: P, steps: number): Generator<Update<P>, void, void> {
    return this.#state.handOn(params, (peakBytes) => this.#update(params, steps, peakBytes));
  }

  #update(params: P, steps: number, peakBytes: () => number): Update<P> {
    const { lossScope } = this.#settings;
    const [from, to] = [this.#position, this.#position + steps];
    const plan = planWindow(this.#settings, steps, to);
    const window = this.#window.update(params, plan, this.#pending, { from, to });
    this.#position = to;
    const droppedLosses = lossScope === 'last' ? steps - 1 : 0;
    return {
      gradient: window.gradient,
      loss: window.loss,
      lossSteps: { from: lossScope === 'last' ? to - 1 : from, to },
      parameterSteps: { from: window.windowFrom, to },
      droppedLosses,
      forwardSteps: window.forwardSteps,
      backwardSteps: window.backwardSteps,
      peakBytes: peakBytes(),
      unbiased: window.windowFrom === 0 && droppedLosses === 0,
    };
  }
}
