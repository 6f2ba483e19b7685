import { basename, extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { disposeTree, useBackend } from '@tempograd/core';
import { writeWhole } from '@tempograd/nn/node';
import { openBackend } from '../backends/openBackend.js';
import { Failure, UsageError } from '../Failure.js';
import type { Inspection } from '../inspect/Inspection.js';
import { inspectModel } from '../inspect/inspectModel.js';
import { inspectionPage } from '../inspect/page/inspectionPage.js';
import { openModel } from '../model/modelFile.js';
import { requireWritable } from '../model/requireWritable.js';
import { dim } from '../present/format.js';
import { describeInspection } from '../present/inspectTerminal.js';
import { writeJson } from '../present/writeJson.js';
import { readText } from '../text/readText.js';
import { isSystemError, writeReason } from '../writeReason.js';

/** What to look at, and where the page goes. */
export interface InspectOptions {
  readonly out?: string;
  readonly steps: number;
  readonly backend?: string;
  readonly verify: boolean;
  readonly json?: boolean;
}

/** Inspects a model on a text, writes the page, and tells in short what is on it. */
export async function runInspect(file: string, textFile: string | undefined, options: InspectOptions): Promise<void> {
  const page = pageOf(file, options.out);
  await requireWritable(page, '--out');
  const progress = options.json === true || !process.stdout.isTTY ? silent : terminalProgress;
  const inspection = await inspect(file, textFile, options, progress.show).finally(progress.clear);
  await write(page, inspectionPage(inspection));
  if (options.json === true) writeJson({ event: 'inspection', page, ...inspection });
  else console.log(`${describeInspection(inspection)}\n\n${dim('The page:')} ${pathToFileURL(resolve(page)).href}`);
}

/** @throws UsageError for a page that is to be something else. */
function pageOf(file: string, out: string | undefined): string {
  if (out === undefined) return `${basename(file, extname(file))}.health.html`;
  if (['.html', '.htm'].includes(extname(out).toLowerCase())) return out;
  throw new UsageError(`--out is a page of HTML, and its name must end in .html, but is "${out}".`);
}

async function inspect(
  file: string,
  textFile: string | undefined,
  { backend: name, verify, steps }: InspectOptions,
  onPart: (part: string) => void,
): Promise<Inspection> {
  const { backend } = await openBackend(name);
  try {
    useBackend(backend);
    const opened = await openModel(file, { verify });
    const { kind } = opened.vocabulary;
    if (kind === 'tokens')
      throw new Failure(`The model ${file} reads the tokens of a tokenizer, which its file does not hold.`);
    // Ctrl-C ends the command by itself: there is nothing to keep.
    const interrupt = { signal: new AbortController().signal, exitCode: null };
    const text = await readText(textFile, kind, { interrupt, reading: () => onPart('reading the text') });
    try {
      return await inspectModel({ file, opened, text, backend, steps, onPart });
    } finally {
      disposeTree(opened.params);
      await text.close();
    }
  } finally {
    backend.dispose?.();
  }
}

/** @throws Failure that says why the page could not be written. */
async function write(page: string, html: string): Promise<void> {
  try {
    await writeWhole(page, new TextEncoder().encode(html));
  } catch (cause) {
    if (!isSystemError(cause)) throw cause;
    throw new Failure(`${page} cannot be written: ${writeReason(cause, page)}. Choose another place with --out.`, {
      cause,
    });
  }
}

/** What is under way, on a line that does not stay. */
const terminalProgress = {
  show: (part: string): void => void process.stdout.write(`\r\u001b[K${dim(`${part} …`)}`),
  clear: (): void => void process.stdout.write('\r\u001b[K'),
};
const silent = { show: (): void => undefined, clear: (): void => undefined };
