import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SkippedColumn } from './Column.js';

const runFile = promisify(execFile);

/** A Python with its PyTorch. */
export interface PytorchProgram {
  readonly python: string;
  /** Such as `2.6`. */
  readonly version: string;
}

/** The PyTorch of each Python that is named, one a version; where none is named, that of the system's. */
export async function findPytorch(
  named: readonly string[],
): Promise<{ readonly programs: readonly PytorchProgram[]; readonly skipped: readonly SkippedColumn[] }> {
  if (named.length === 0) {
    for (const python of ['python3', '/usr/bin/python3']) {
      const version = await versionOf(python);
      if (version !== null) return { programs: [{ python, version }], skipped: [] };
    }
    return { programs: [], skipped: [{ id: 'pytorch', reason: without('neither python3 nor /usr/bin/python3 has') }] };
  }
  const programs = new Map<string, PytorchProgram>();
  const skipped: SkippedColumn[] = [];
  for (const python of named) {
    const version = await versionOf(python);
    if (version === null) skipped.push({ id: 'pytorch', reason: without(`${python} does not have`) });
    else if (programs.has(version)) {
      const reason = `${python} has version ${version}, as ${programs.get(version)?.python} has`;
      skipped.push({ id: `pytorch@${version}`, reason });
    } else programs.set(version, { python, version });
  }
  return { programs: [...programs.values()], skipped };
}

async function versionOf(python: string): Promise<string | null> {
  try {
    const { stdout } = await runFile(python, ['-c', 'import torch; print(torch.__version__)'], { timeout: 120_000 });
    return /^\d+\.\d+/.exec(stdout.trim())?.[0] ?? null;
  } catch {
    return null;
  }
}

function without(who: string): string {
  return `${who} PyTorch (on Debian: apt install python3-torch)`;
}
