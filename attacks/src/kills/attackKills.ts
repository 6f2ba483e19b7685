import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkpointInfo } from '@tempograd/nn';
import { readSafetensorsFile } from '@tempograd/nn/node';
import { Random } from '../Random.js';
import { runAndKill, type EndedRun, type KillMoment } from './killedRun.js';

/** What to attack with. */
export interface KillsAttack {
  readonly seed: number;
  /** How many times a training is killed. */
  readonly kills: number;
  /** What the trainings compute with; default is `js`. */
  readonly backend?: string;
}

/** A kill after which something was not as it must be. */
export interface KillsFailure {
  /** How many kills there had been. */
  readonly kill: number;
  /** What went wrong, in words. */
  readonly fault: string;
}

/** What became of the trainings that were killed. */
export interface KillsReport {
  readonly kills: number;
  /** Of them those while a file was being written. */
  readonly inWrites: number;
  /** Trainings that came to their end, after kills and resumptions. */
  readonly completed: number;
  /** Runs that went on from a checkpoint. */
  readonly resumed: number;
  readonly failures: readonly KillsFailure[];
}

const [model, checkpoint] = ['run.safetensors', 'run.checkpoint.safetensors'];

/** Updates of a training: each eighth of them is followed by a checkpoint. */
const updates = 80;

const text = 'It was a bright cold day in April, and the clocks were striking thirteen. '.repeat(80);

/**
 * Kills trainings of the command line at random moments, at their start, in an update, while a file is being written, at their end,
 * and resumes them until they are complete. After each kill every file must be whole or absent and no checkpoint older than before;
 * each loss, and the model in the end, must be those of a training that was left alone, to the bit, and nothing else be left.
 */
export async function attackKills({ seed, kills, backend = 'js' }: KillsAttack): Promise<KillsReport> {
  const folder = mkdtempSync(join(tmpdir(), 'kills '));
  try {
    return await new Attack(folder, backend, new Random(seed)).run(kills);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Attack {
  readonly #folder: string;
  readonly #random: Random;
  readonly #begin: readonly string[];
  readonly #failures: KillsFailure[] = [];
  readonly #count = { kills: 0, inWrites: 0, completed: 0, resumed: 0 };
  /** The update of the newest checkpoint of the training under way. */
  #reached = 0;

  constructor(folder: string, backend: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
    const size = ['--hidden', '48', '--embedding', '16', '--batch', '2', '--steps', '6', '--dropout', '0.1'];
    this.#begin = ['--backend', backend, '--updates', String(updates), ...size];
  }

  async run(kills: number): Promise<KillsReport> {
    writeFileSync(join(this.#folder, 'text.txt'), text);
    const whole = await this.#start(null);
    const expected = readFileSync(join(this.#folder, model));
    this.#clear();
    for (let open = true; this.#count.kills < kills || open;) {
      const ended = await this.#start(this.#count.kills < kills ? this.#moment(whole) : null);
      await this.#check(ended, whole);
      // A kill may have come after the model was written: then there is nothing to go on with.
      open = ended.code === null && !existsSync(join(this.#folder, model));
      if (!open) this.#complete(ended, expected);
    }
    return { ...this.#count, failures: this.#failures };
  }

  /** Begins a training, or goes on with the one that was killed. */
  #start(moment: KillMoment | null): Promise<EndedRun> {
    const resumes = existsSync(join(this.#folder, checkpoint));
    if (resumes) this.#count.resumed++;
    const args = ['--text', 'text.txt', '--save', model, ...(resumes ? ['--resume'] : this.#begin)];
    return runAndKill(this.#folder, args, moment);
  }

  /** A quarter of the kills come before a run has told anything; the others by what it has told, however fast the machine is. */
  #moment(whole: EndedRun): KillMoment {
    const [atStart, inWrite] = [this.#random.next() < 0.25, this.#random.next() < 0.5];
    if (atStart) return { lines: 0, milliseconds: this.#random.next() * whole.millisecondsOfStart, inWrite };
    return { lines: this.#random.whole(1, whole.lines + 1), milliseconds: this.#random.next() * 10, inWrite };
  }

  /** Looks at what a run has left. */
  async #check({ code, inWrite, losses, stderr }: EndedRun, whole: EndedRun): Promise<void> {
    if (code === null) this.#count.kills++;
    if (inWrite) this.#count.inWrites++;
    if (stderr !== '') this.#fail(`it complained: ${stderr}`);
    for (const [update, loss] of losses) {
      if (loss !== whole.losses.get(update)) this.#fail(`the loss of update ${update} was ${loss}`);
    }
    try {
      if (existsSync(join(this.#folder, model))) await readSafetensorsFile(join(this.#folder, model));
      if (!existsSync(join(this.#folder, checkpoint))) return;
      const { update } = checkpointInfo(await readSafetensorsFile(join(this.#folder, checkpoint)));
      if (update < this.#reached) this.#fail(`the checkpoint went back from update ${this.#reached} to ${update}`);
      this.#reached = update;
    } catch (error) {
      this.#fail(`a file was not whole: ${String(error)}`);
    }
  }

  /** Looks at what a complete training has left, and clears it away. */
  #complete({ code, stderr }: EndedRun, expected: Buffer): void {
    this.#count.completed++;
    if (code !== null && code !== 0) this.#fail(`it ended with ${code}: ${stderr}`);
    else if (!readFileSync(join(this.#folder, model)).equals(expected)) this.#fail('its model was another');
    const left = readdirSync(this.#folder).sort();
    const clean = left.join(' ') === [checkpoint, model, 'text.txt'].join(' ');
    if (code !== null && !clean) this.#fail(`it left ${left.join(', ')}`);
    this.#clear();
  }

  #clear(): void {
    for (const name of readdirSync(this.#folder)) {
      if (name !== 'text.txt') rmSync(join(this.#folder, name));
    }
    this.#reached = 0;
  }

  #fail(fault: string): void {
    this.#failures.push({ kill: this.#count.kills, fault });
  }
}
