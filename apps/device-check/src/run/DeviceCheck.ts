import type { RunningCase } from '@tempograd/conformance';
import { compareReports, type Comparison } from '@tempograd/conformance/report';
import type { BackendAbout } from '../backends/backendList.js';
import type { Job, Message } from '../protocol.js';
import { newResult, nothingMeasured, reportOf, uncheckedOf, type BackendResult } from './BackendResult.js';
import { chooseCases, countCases, type Scope } from './chooseCases.js';
import { estimateLeft } from './estimate.js';
import { runInWorker, type Ending, type WorkerSettings } from './runInWorker.js';
import { speedRows } from './speedRows.js';

/** What the page is made of, and what tests put in its place. */
export interface DeviceCheckParts {
  readonly backends: readonly BackendAbout[];
  readonly createWorker: () => Worker;
  /** Called whenever something has changed. */
  readonly onChange: () => void;
  /** Milliseconds without a word after which a worker is taken for hung. Default: 90 seconds, since shaders take long to compile. */
  readonly patience?: number;
}

/** What to run. */
export interface CheckSettings {
  scope: Scope;
  speed: boolean;
  /** Only cases of these; null for all. */
  ops: readonly string[] | null;
  seed: number;
}

/** Milliseconds without a word while speed is measured: a backend whose step takes longer is of no use for training. */
const measuringPatience = 40_000;
/** How often a backend is started anew before it is given up. */
const mostRestarts = 5;

/** Looks for backends, measures and checks them one after the other, each job in a worker of its own. */
export class DeviceCheck {
  readonly results: readonly BackendResult[];
  readonly settings: CheckSettings = { scope: 'quick', speed: true, ops: null, seed: 1 };
  phase: 'looking' | 'ready' | 'running' | 'stopped' | 'done' = 'looking';
  /** When the last run began; null before the first. */
  began: Date | null = null;
  readonly #parts: DeviceCheckParts;
  #stop = new AbortController();

  constructor(parts: DeviceCheckParts) {
    this.#parts = parts;
    this.results = parts.backends.map(newResult);
  }

  /** Starts every backend once, to see which are here. */
  async look(): Promise<void> {
    for (const result of this.results) {
      const ending = await this.#run(result, { kind: 'look', backend: result.id });
      if (ending.kind === 'died' || ending.kind === 'silent') this.#fail(result, ending.reason);
      if (result.state === 'looking') result.state = 'found';
      this.#parts.onChange();
    }
    this.phase = 'ready';
    this.#parts.onChange();
  }

  /** Runs what is chosen, or what a stop has left of it. */
  async start(): Promise<void> {
    if (this.phase === 'looking' || this.phase === 'running') return;
    if (this.phase !== 'stopped') this.reset();
    this.phase = 'running';
    this.began ??= new Date();
    this.#stop = new AbortController();
    const stopped = (): boolean => this.#stop.signal.aborted;
    if (this.settings.speed) {
      for (const result of this.#active) if (!stopped() && result.speeds.length === 0) await this.#measure(result);
    }
    for (const result of this.#active) {
      if (stopped()) result.state = result.state === 'found' ? 'stopped' : result.state;
      else if (result.state !== 'done') await this.#check(result);
    }
    this.phase = stopped() ? 'stopped' : 'done';
    this.#parts.onChange();
  }

  /** Ends the case under way; `start` goes on with it. */
  stop(): void {
    this.#stop.abort();
  }

  /** Forgets what was measured. */
  reset(): void {
    if (this.phase === 'running' || this.phase === 'looking') return;
    for (const result of this.results) {
      if (result.opened === null) continue;
      Object.assign(result, nothingMeasured(), { state: 'found', reason: null, losses: [] });
    }
    this.phase = 'ready';
    this.began = null;
    this.#parts.onChange();
  }

  /** What has been measured so far, of all backends beside each other. */
  comparison(): Comparison {
    return compareReports(
      this.results.flatMap((result) => reportOf(result, this.settings.seed) ?? []),
      this.results.flatMap((result) => (result.chosen ? (uncheckedOf(result) ?? []) : [])),
    );
  }

  /** How many cases have run, how many there are, and the milliseconds that are left where they can be told. */
  progress(): { readonly done: number; readonly total: number; readonly left: number | null } {
    const expected = countCases(chooseCases(this.settings.scope, this.settings.ops));
    const shares = this.#active.map(({ outcomes, planned, state }) => ({
      outcomes,
      planned: state === 'gaveUp' ? outcomes.length : (planned ?? expected),
    }));
    return {
      done: shares.reduce((sum, { outcomes }) => sum + outcomes.length, 0),
      total: shares.reduce((sum, { planned }) => sum + planned, 0),
      left: estimateLeft(shares),
    };
  }

  /** The backends that are here and chosen. */
  get #active(): BackendResult[] {
    return this.results.filter(({ chosen, state }) => chosen && state !== 'absent' && state !== 'broken');
  }

  async #measure(result: BackendResult): Promise<void> {
    result.state = 'measuring';
    this.#parts.onChange();
    const ending = await this.#run(result, { kind: 'measure', backend: result.id, rows: speedRows });
    if (ending.kind === 'died' || ending.kind === 'silent') {
      const missing = speedRows.slice(result.speeds.length);
      const nothing = {
        median: null,
        noise: null,
        slices: [],
        updates: 0,
        failure: ending.kind === 'died' ? ending.reason : null,
      };
      result.speeds.push(...missing.map(({ id }) => ({ row: id, ...nothing })));
    }
    // A half-done measurement is made anew.
    if (ending.kind === 'stopped' && result.speeds.length < speedRows.length) result.speeds = [];
    if (result.state === 'measuring') result.state = 'found';
  }

  async #check(result: BackendResult): Promise<void> {
    const { scope, ops, seed } = this.settings;
    for (let restarts = 0; ; restarts++) {
      result.state = 'checking';
      result.running = null;
      const [before, losses] = [result.outcomes.length, result.losses.length];
      const only = chooseCases(scope, ops);
      const began = performance.now();
      const job: Job = { kind: 'check', backend: result.id, only, seed, resume: result.outcomes };
      const ending = await this.#run(result, job);
      result.milliseconds += performance.now() - began;
      if (result.state !== 'checking') return;
      if (ending.kind === 'stopped') {
        result.state = 'stopped';
        return;
      }
      if (ending.kind === 'died' || ending.kind === 'silent') this.#fallen(result, ending.reason);
      const { running } = result;
      result.running = null;
      if (ending.kind === 'ended' && result.losses.length === losses) break;
      if (result.outcomes.length === result.planned) break;
      if (restarts === mostRestarts || (result.outcomes.length === before && running === null)) {
        result.state = 'gaveUp';
        result.reason = result.losses.at(-1) ?? null;
        return;
      }
    }
    result.state = 'done';
  }

  /** The worker died, or hangs, in a case: that one has failed, and the others are still to be run. */
  #fallen(result: BackendResult, reason: string): void {
    const { running } = result;
    result.losses.push(reason);
    if (running !== null) result.outcomes.push(fallenOutcome(running, result.id, reason));
  }

  #run(result: BackendResult, job: Job): Promise<Ending> {
    const patience = this.#parts.patience ?? 90_000;
    const settings: WorkerSettings = {
      createWorker: this.#parts.createWorker,
      patience: job.kind === 'measure' ? Math.min(patience, measuringPatience) : patience,
      signal: this.#stop.signal,
    };
    return runInWorker(job, settings, (message) => {
      this.#hear(result, message);
      this.#parts.onChange();
    });
  }

  #hear(result: BackendResult, message: Message): void {
    switch (message.kind) {
      case 'opened':
        result.opened = message.backend;
        break;
      case 'absent':
        result.state = 'absent';
        result.reason = message.reason;
        break;
      case 'broken':
        this.#fail(result, message.reason);
        break;
      case 'speed':
        result.speeds.push(message.speed);
        break;
      case 'started':
        result.running = message.running;
        result.planned = message.total;
        break;
      case 'outcome':
        result.outcomes.push(message.outcome);
        result.running = null;
        break;
      case 'lost':
        result.losses.push(message.reason);
        break;
      case 'done':
        break;
    }
  }

  #fail(result: BackendResult, reason: string): void {
    result.state = 'broken';
    result.reason = reason;
  }
}

function fallenOutcome(running: RunningCase, backend: string, reason: string): BackendResult['outcomes'][number] {
  return {
    ...running,
    status: 'failed',
    error: NaN,
    tolerance: NaN,
    reason: null,
    paths: [],
    deviation: null,
    failure: `${running.name} (${running.dtype}) on ${backend}: the worker did not survive this case. ${reason}`,
    milliseconds: 0,
  };
}
