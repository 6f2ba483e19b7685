import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { ColumnFacts } from '../workers/Engine.js';
import type { Reply, Request, Results } from '../workers/protocol.js';
import type { Column } from './Column.js';

/** A column took longer than it was given. */
export class NoAnswerError extends Error {
  constructor(seconds: number) {
    super(`no answer in ${seconds} s`);
    this.name = 'NoAnswerError';
  }
}

/** A column's process: asked one thing at a time, by lines of JSON. */
export class WorkerProcess {
  readonly column: Column;
  readonly facts: ColumnFacts;
  #child: ChildProcessByStdio<Writable, Readable, Readable>;
  #lines: AsyncIterator<string>;
  #said: { text: string };

  private constructor(
    column: Column,
    facts: ColumnFacts,
    child: ChildProcessByStdio<Writable, Readable, Readable>,
    lines: AsyncIterator<string>,
    said: { text: string },
  ) {
    this.column = column;
    this.facts = facts;
    this.#child = child;
    this.#lines = lines;
    this.#said = said;
  }

  /** Starts the process and waits until it is ready. @throws Error with the last line it wrote to standard error. */
  static async start(column: Column, timeoutSeconds = 120): Promise<WorkerProcess> {
    const child = spawn(column.command, column.args, {
      env: { ...process.env, ...column.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const said = { text: '' };
    child.on('error', (error) => (said.text += `${error.message}\n`));
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk: Buffer) => (said.text = (said.text + String(chunk)).slice(-4000)));
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const reply = await nextReply(child, lines, said, timeoutSeconds);
    if (!('ready' in reply)) throw new Error('The worker did not begin with "ready".');
    return new WorkerProcess(column, reply.ready, child, lines, said);
  }

  get alive(): boolean {
    return !this.#child.killed && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** One request and its result. A worker that does not answer in time is ended. @throws Error saying what went wrong. */
  async ask<R extends Request>(request: R, timeoutSeconds = 60): Promise<Results[R['request']]> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    const reply = await nextReply(this.#child, this.#lines, this.#said, timeoutSeconds);
    if ('error' in reply) throw new Error(reply.error);
    return (reply as { result: Results[R['request']] }).result;
  }

  /** Starts measuring `peakBytes` anew, where the system can. */
  resetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5');
    } catch {
      // Then the peak is the process's since its start.
    }
  }

  /** The most memory it has had resident, null where the system does not say. */
  peakBytes(): number | null {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024 || null;
    } catch {
      return null;
    }
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
