import { disposeTree } from '@tempograd/core';
import { DataError, type DataStretch } from '../data/index.js';
import type { Metrics } from '../metrics/index.js';
import { turn, turnIsDue } from '../turn.js';
import { afterUpdate } from './afterUpdate.js';
import { checkFitOptions } from './checkFitOptions.js';
import { checkResume, restoreRun } from './checkpoint/restore.js';
import { EarlyStopping } from './EarlyStopping.js';
import type { EnqueuedUpdate } from './EnqueuedUpdate.js';
import { madeLike } from './evaluate.js';
import type { FitOptions } from './FitOptions.js';
import { disposeLater, nextUnlessAborted } from './nextUnlessAborted.js';
import { notAwaited } from './notAwaited.js';
import { Saver } from './Saver.js';
import type { PreparedUpdate } from './SequenceRun.js';
import { TrainingRun } from './TrainingRun.js';
import type { TrainingStep } from './TrainingStep.js';

/**
 * A training under way: iterate over it with `for await`; each step is one update. Breaking off ends it as an abort does: a checkpoint
 * is saved where there is a store, and what it holds is freed.
 */
export type Training<M extends Metrics = Metrics> = AsyncGenerator<TrainingStep<M>, void, void>;

/**
 * Trains: an update whenever the strategy has a gradient, until the updates or epochs asked for are done or the signal aborts.
 *
 * The gradient of an update's summed loss is divided by ONE normaliser for a whole sequence: the losses of all of it, where the source
 * tells them or there is one update, else those of a full update, `batch · updateEvery`. How the data is cut into stretches changes
 * no gradient. An update in which no loss counts changes nothing and is not handed on; the next step says how many there were. The
 * carry passes from stretch to stretch and starts anew where a sequence ends. Nothing needs to be disposed of; `params` are changed in place and hold the trained values.
 *
 * Between updates the event loop has its turn every few milliseconds, also where the backend computes on this thread: signals,
 * timers and frames of a page need no help from the caller.
 *
 * On a backend that cannot read at once the next update's gradient is on its way while this one's loss is awaited; parameters,
 * checkpoints and evaluations are those of the update that is handed on all the same. To change `params` in between is to change
 * them for the update after the next.
 *
 * @throws ArgumentError, CheckpointError at once when options make no sense; while iterating, DivergenceError when loss or gradient
 * are not finite (nothing is changed then) or an update has spoilt the parameters (no checkpoint is taken of them), DataError when an epoch gives nothing or nothing that counts.
 * What the data throws, a checkpoint of what was learnt before is saved first where there is a store.
 */
export function fit<P, C, S, O, M extends Metrics>(options: FitOptions<P, C, S, O, M>): Training<M> {
  checkFitOptions(options);
  if (options.resume) checkResume(options, options.resume);
  return notAwaited(train(options) as Training<M>);
}

/** A device answers at least once in so many rounds, unless nothing is asked of it for long. */
const answeredWithin = 16;

async function* train<P, C, S, O>(options: FitOptions<P, C, S, O>): Training {
  const { params, data, signal, updates = Infinity, resume = null, accumulate = 1, earlyStopping } = options;
  const epochs = options.epochs ?? (updates === Infinity ? 1 : Infinity);
  const stopping = earlyStopping ? new EarlyStopping(earlyStopping, options.evaluate?.params ?? params) : null;
  const run = resume === null ? new TrainingRun(options, stopping, null) : restoreRun(options, stopping, resume);
  if (resume === null) stopping?.begin(params, options.evaluate !== undefined);
  const saver = new Saver(options, run);
  const goesOn = (): boolean => signal?.aborted !== true && run.update < updates && stopping?.isOver !== true;
  /** An epoch without a loss teaches nothing, and neither will the next. */
  const requireLearnt = async (epoch: number): Promise<void> => {
    if (goesOn() && run.counters.learntIn < epoch) await saver.saveBefore(nothingCounts(epoch));
  };
  const { backend } = madeLike(params);
  const goesAhead = backend.readSync === undefined;
  /** The update that is enqueued and whose answer nobody has seen. */
  const late: { awaited: EnqueuedUpdate<P> | null } = { awaited: null };
  /** How often it was asked whether training goes on since an answer was awaited, which on a device is a turn of the event loop. */
  let unanswered = 0;
  const settled = async (): Promise<TrainingStep | null> => {
    if (late.awaited === null) return null;
    const enqueued = late.awaited;
    late.awaited = null;
    unanswered = 0;
    const taken = await enqueued.settle();
    return taken === null ? null : afterUpdate(options, run, saver, taken);
  };
  const settle = async function* (): Training {
    const step = await settled();
    if (step !== null) yield step;
  };
  /** Hands on the update that is awaited where nothing was prepared beyond it: the run is where that update left it. */
  const catchUp = async function* (): Training {
    if (late.awaited === null) return;
    yield* settle();
    run.goOn();
  };
  /** Enqueues an update, when the one before it is known to be good and has been handed on. */
  const take = async function* (prepared: PreparedUpdate<P> | null): Training {
    if (prepared === null) return;
    if (late.awaited !== null) {
      // The device computes the gradient while its last answer is awaited.
      backend.flush?.();
      yield* settle();
      if (!goesOn()) return run.discard();
    }
    late.awaited = await run.enqueue(prepared);
  };
  /** Enqueues an update and waits for it, where a backend computes at once: a generator would cost more than a small update. */
  const takeNow = async (prepared: PreparedUpdate<P> | null): Promise<TrainingStep | null> => {
    if (prepared === null) return null;
    late.awaited = await run.enqueue(prepared);
    return settled();
  };
  /** Whether that is known without waiting for anything, as it is nearly always. */
  const isKnown = (): boolean => run.update < updates && (goesAhead ? ++unanswered <= answeredWithin : !turnIsDue());
  /** Whether training goes on, which is not known of the last update before it is settled: it may have had no items; aborts come in here. */
  const stillGoesOn = async function* (): AsyncGenerator<TrainingStep, boolean, void> {
    if (run.update >= updates) yield* catchUp();
    if (!goesAhead || unanswered > answeredWithin) await turn();
    return goesOn();
  };
  /** Whether whoever iterates has broken off, which ends the generator where it stands. */
  let brokenOff = true;
  try {
    while ((isKnown() ? goesOn() : yield* stillGoesOn()) && run.position.epoch < epochs) {
      const stretches = data.open(run.position, madeLike(params))[Symbol.asyncIterator]();
      let current: DataStretch<S> | null = null;
      let coming: ReturnType<typeof nextUnlessAborted<S>> | null = null;
      try {
        while (isKnown() ? goesOn() : yield* stillGoesOn()) {
          coming = nextUnlessAborted(stretches, signal);
          // A source that takes longer than the device does not hold back what is known.
          if (late.awaited !== null && (await isFirst(late.awaited.answer, coming))) yield* catchUp();
          let next: Awaited<typeof coming>;
          try {
            next = await coming;
            if (next?.done === true) requireSome(run.position);
          } catch (cause) {
            coming = null;
            yield* catchUp();
            return await saver.saveBefore(cause);
          }
          coming = null;
          if (next === null) break;
          if (next.done === true) {
            const { epoch } = run.position;
            if (late.awaited !== null) run.stand();
            yield* take(run.endSequence());
            run.endEpoch();
            if (!goesAhead) yield* settle();
            // What is yet to come may tell of the epoch's only items: an answer, or a step by gradients that still add up.
            await requireLearnt(epoch - Number(late.awaited !== null) - (accumulate - 1));
            break;
          }
          current = next.value;
          const { index } = run.position;
          while ((isKnown() ? goesOn() : yield* stillGoesOn()) && run.position.index === index) {
            if (!goesAhead) {
              const step = await takeNow(run.advance(current));
              if (step !== null) yield step;
              continue;
            }
            if (late.awaited !== null) run.stand();
            yield* take(run.advance(current));
          }
          disposeTree(current.stretch);
          current = null;
        }
      } finally {
        if (current !== null) disposeTree(current.stretch);
        if (coming !== null) disposeLater(coming);
        const closed = stretches.return?.();
        if (signal?.aborted !== true && coming === null) await closed;
      }
    }
    yield* catchUp();
    if (goesOn()) {
      late.awaited = run.flush();
      yield* settle();
    }
    await requireLearnt(run.position.epoch - 1);
    run.accept(null);
    brokenOff = false;
    await saver.save();
    stopping?.restore();
  } catch (error) {
    brokenOff = false;
    throw error;
  } finally {
    try {
      if (brokenOff) await saver.save();
      if (brokenOff) stopping?.restore();
    } finally {
      late.awaited?.dispose();
      run.dispose();
    }
  }
}

/** Whether the first promise settles before the other. */
function isFirst(first: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  const as = (value: boolean): [() => boolean, () => boolean] => [() => value, () => value];
  return Promise.race([other.then(...as(false)), first.then(...as(true))]);
}

function nothingCounts(epoch: number): DataError {
  return new DataError(
    `fit: no loss counts in epoch ${epoch}: every step of it is masked or has no label, so that there is nothing to learn. ` +
      'Look at the mask (1 where a step is, 0 where padding is) and at the targets: classes below 0 and the ignoreIndex are not counted.',
  );
}

function requireSome({ epoch, index }: { readonly epoch: number; readonly index: number }): void {
  if (index > 0) return;
  throw new DataError(
    `fit: the data gave nothing in epoch ${epoch}. ` +
      (epoch === 0
        ? 'Look whether its source is empty or too short.'
        : 'An async iterable that can be read once only trains one epoch: pass a function that opens it anew, or epochs: 1.'),
  );
}
