import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { processSeconds } from '../measure/processorTime.js';
import type { ColumnFacts } from '../workers/Engine.js';
import type { Reply, Request, Results } from '../workers/protocol.js';
import { NoAnswerError, type ColumnWorker } from './ColumnWorker.js';

/** What a column's process is started by. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A column's process: asked one thing at a time, by lines of JSON. */
export class WorkerProcess implements ColumnWorker {
  readonly facts: ColumnFacts;
  #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #lines: AsyncIterator<string>;
  #said: { text: string };

  private constructor(
    facts: ColumnFacts,
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    lines: AsyncIterator<string>,
    said: { text: string },
  ) {
    this.facts = facts;
    this.#child = child;
    this.#lines = lines;
    this.#said = said;
  }

  /** Starts the process and waits until it is ready. @throws Error with the last line it wrote to standard error. */
  static async start({ command, args, env }: Program, timeoutSeconds = 120): Promise<WorkerProcess> {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { text: '' };
    child.on('error', (error) => (said.text += `${error.message}\n`));
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => (said.text = (said.text + String(chunk)).slice(-4000)));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const reply = await nextReply(child, lines, said, timeoutSeconds);
    if (!('ready' in reply)) throw new Error('The worker did not begin with "ready".');
    return new WorkerProcess(reply.ready, child, lines, said);
  }

  get alive(): boolean {
    return !this.#child.killed && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async ask<R extends Request>(request: R, timeoutSeconds = 60): Promise<Results[R['request']]> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const reply = await nextReply(this.#child, this.#lines, this.#said, timeoutSeconds);
    if ('error' in reply) throw new Error(reply.error);
    return (reply as { result: Results[R['request']] }).result;
  }

  resetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
    } catch {
      // Then the peak is the process's since its start.
    }
  }

  peakBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024 || null;
    } catch {
      return null;
    }
  }

  processorSeconds(): number | null {
    return processSeconds(this.#child.pid);
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

async function nextReply(
  child: ChildProcessByStdio<Writable, Readable, Readable>,
  lines: AsyncIterator<string>,
  said: { text: string },
  timeoutSeconds: number,
): Promise<Reply> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutSeconds * 1000);
  try {
    const { done, value } = await lines.next();
    if (done !== true) return JSON.parse(value) as Reply;
    const last = said.text
      .trim()
      .split('\n')
      .findLast((line) => /error/i.test(line));
    if (late) throw new NoAnswerError(timeoutSeconds);
    throw new Error(last ?? (said.text.trim() || 'the worker ended'));
  } finally {
    clearTimeout(timer);
  }
}
