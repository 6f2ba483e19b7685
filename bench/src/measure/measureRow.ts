import { setTimeout as pause } from 'node:timers/promises';
import type { Column } from '../columns/Column.js';
import { NoAnswerError, type ColumnWorker } from '../columns/ColumnWorker.js';
import { flopsPerStep } from '../grid/cost.js';
import { rowId, type Row } from '../grid/Row.js';
import type { Cell, RowResult, Slice } from '../report/ResultFile.js';
import type { Breakdown } from '../workers/Engine.js';
import type { Results } from '../workers/protocol.js';
import { busySeconds } from './processorTime.js';

/** How long and how often. */
export interface MeasureSettings {
  readonly secondsPerSlice: number;
  readonly rounds: number;
  /** A column whose step is known or expected to take longer than this sits the row out. */
  readonly stepLimitSeconds: number;
  /** How long a column may take to get ready for a row, its first steps included: on a GPU, it compiles. */
  readonly patienceSeconds: number;
  readonly breakdown: boolean;
}

/** A column's worker, and the best speed it has shown, in flops a second: what tells how long a larger row would take. */
export interface Runner {
  readonly column: Column;
  worker: ColumnWorker;
  /** Null before its first row. */
  speed: number | null;
  /** Steps through time, layers counted, of the shortest row that it did not get ready for: what is unrolled grows with them. */
  tooLong: number | null;
  restart(): Promise<void>;
}

/** First steps, whose losses are compared; enough for a wrong gradient to show. */
const firstSteps = { steps: 8, seconds: 0.25 };
/** Short steps run so long before they count, seconds: an engine optimises what has run often, and takes its time. */
const warmUp = { stepsBelow: 0.01, seconds: 1.5 };
/** Side of the matrices that stand for the best a product kernel does; and how long they are multiplied. */
const largeProduct = { size: 512, seconds: 0.03 };
/** Threads that wait for work spin for a while before they sleep, and would disturb whoever is next. */
const settleMilliseconds = 30;

/** How many times its slices' length a column with long steps may take in all. */
const shareOfTime = 2;

interface Entry {
  readonly runner: Runner;
  skipped: string | null;
  parameters: number;
  losses: readonly number[];
  slices: Slice[];
  spent: number;
  peakBytes: number | null;
  breakdown: Breakdown | null;
}

/** Runs one row on all columns by turns, round after round; a column drops out when it has used up its share of time. */
export async function measureRow(row: Row, runners: readonly Runner[], settings: MeasureSettings): Promise<RowResult> {
  const entries = runners.map((runner): Entry => ({
    runner,
    skipped: null,
    parameters: 0,
    losses: [],
    slices: [],
    spent: 0,
    peakBytes: null,
    breakdown: null,
  }));
  const live = (): Entry[] => entries.filter(({ skipped }) => skipped === null);
  for (const entry of entries) await attempt(entry, () => prepare(entry, row, settings));
  for (let round = 0; round < settings.rounds; round++) {
    for (const entry of live()) {
      if (round > 0 && entry.spent >= shareOfTime * settings.secondsPerSlice * settings.rounds) continue;
      await attempt(entry, () => runSlice(entry, row, round, settings));
    }
  }
  for (const entry of live()) await attempt(entry, () => finish(entry, row, settings));
  return { id: rowId(row), row, flopsPerStep: flopsPerStep(row), cells: entries.map(cellOf) };
}

async function prepare(entry: Entry, row: Row, settings: MeasureSettings): Promise<void> {
  const { runner } = entry;
  const { secondsPerSlice, stepLimitSeconds } = settings;
  const expected = runner.speed === null ? 0 : flopsPerStep(row) / runner.speed;
  if (expected > stepLimitSeconds) throw new Error(`a step would take about ${expected.toFixed(0)} s`);
  runner.worker.resetPeak();
  const first = await firstResults(runner, row, settings.patienceSeconds);
  entry.parameters = first.parameters;
  entry.losses = first.losses;
  entry.spent = first.stepSeconds;
  const warm = first.stepSeconds < warmUp.stepsBelow ? warmUp.seconds : secondsPerSlice;
  if (first.stepSeconds < secondsPerSlice) await runner.worker.ask({ request: 'run', seconds: warm });
  await pause(settleMilliseconds);
}

async function firstResults(runner: Runner, row: Row, patienceSeconds: number): Promise<Results['prepare']> {
  const length = row.layers * row.time;
  if (runner.tooLong !== null && length >= runner.tooLong) {
    throw new Error(`it did not get ready for ${runner.tooLong} steps through time before`);
  }
  try {
    return await runner.worker.ask({ request: 'prepare', row, ...firstSteps }, patienceSeconds);
  } catch (error) {
    if (error instanceof NoAnswerError) runner.tooLong = length;
    throw error;
  }
}

async function runSlice(entry: Entry, row: Row, round: number, { secondsPerSlice }: MeasureSettings): Promise<void> {
  const { runner } = entry;
  const others = othersSeconds(runner.worker);
  const { steps, seconds } = await runner.worker.ask({ request: 'run', seconds: secondsPerSlice });
  const otherSeconds = others();
  entry.spent += seconds;
  runner.speed = Math.max(runner.speed ?? 0, (flopsPerStep(row) * steps) / seconds);
  await pause(settleMilliseconds);
  let productGflops: number | undefined;
  if (runner.column.timesProducts && row.hidden >= 64 && row.batch >= 8) {
    productGflops = (await runner.worker.ask({ request: 'product', ...largeProduct })).gflops;
    await pause(settleMilliseconds);
  }
  entry.slices.push({
    round,
    steps,
    seconds,
    ...(productGflops === undefined ? {} : { productGflops }),
    ...(otherSeconds === null ? {} : { otherSeconds }),
  });
}

/** Tells the processor time that all but this worker take from now on; null where the system does not say. */
function othersSeconds(worker: ColumnWorker): () => number | null {
  const taken = (): number | null => {
    const [all, own] = [busySeconds(), worker.processorSeconds()];
    return all === null || own === null ? null : all - own;
  };
  const before = taken();
  return () => {
    const after = taken();
    return before === null || after === null ? null : Math.max(0, after - before);
  };
}

async function finish(entry: Entry, row: Row, settings: MeasureSettings): Promise<void> {
  const { worker, column } = entry.runner;
  entry.peakBytes = worker.peakBytes();
  await worker.ask({ request: 'release' });
  if (settings.breakdown && column.breaksDown) {
    entry.breakdown = await worker.ask({ request: 'breakdown', row, seconds: settings.secondsPerSlice });
  }
}

/** A column that fails on a row sits it out, with the reason; its worker is renewed. */
async function attempt(entry: Entry, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    entry.skipped = (error as Error).message;
    if (entry.runner.worker.alive) await entry.runner.worker.ask({ request: 'release' }).catch(() => undefined);
    if (!entry.runner.worker.alive) await entry.runner.restart();
  }
}

function cellOf({ runner, skipped, parameters, losses, slices, peakBytes, breakdown }: Entry): Cell {
  return { column: runner.column.id, skipped, parameters, losses, slices, peakBytes, breakdown };
}
