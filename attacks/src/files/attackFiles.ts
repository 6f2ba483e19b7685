import { createBackend } from '@tempograd/backend-js';
import { TempogradError, useBackend } from '@tempograd/core';
import { readSafetensors, type SafetensorsFile } from '@tempograd/nn';
import { Random } from '../Random.js';
import { damageFile, type DamagedFile } from './damageFile.js';
import { loadFile } from './loadFile.js';
import { soundFiles, type SoundFile } from './soundFiles.js';

/** What to attack with. */
export interface FilesAttack {
  readonly seed: number;
  /** How many damaged files are read. */
  readonly files: number;
  /** The first of them; default is 0. With `files: 1` one is repeated alone. */
  readonly from?: number;
}

/** A damaged file that was not dealt with as it must be. */
export interface FilesFailure {
  /** Its number. */
  readonly file: number;
  readonly name: string;
  readonly damage: string;
  /** What went wrong, in words. */
  readonly fault: string;
}

/** What became of the damaged files. */
export interface FilesReport {
  readonly files: number;
  /** Refused, by the name of the error. */
  readonly refused: Readonly<Record<string, number>>;
  /** Read as what they were. */
  readonly same: number;
  /** Changed and signed anew, or never signed, and read as another sound file. */
  readonly other: number;
  readonly slowestMilliseconds: number;
  readonly failures: readonly FilesFailure[];
}

/** Longest time that a file of a few kilobytes may take. */
const mostMilliseconds = 5000;

/** Longest message for people. */
const longestMessage = 4000;

/**
 * Damages files and reads them. Each must be refused with an error of the library's own, in bounded time and memory, with the
 * parameters as they were and no buffer left; or be read as what it was. A file that was signed after the change, or never, may
 * be another sound one.
 */
export async function attackFiles({ seed, files, from = 0 }: FilesAttack): Promise<FilesReport> {
  const sound = await soundFiles();
  const refused: Record<string, number> = {};
  const failures: FilesFailure[] = [];
  let [same, other, slowestMilliseconds] = [0, 0, 0];
  for (let file = from; file < from + files; file++) {
    // Each has its own numbers, so that it can be repeated alone.
    const random = new Random(Math.imul(seed, 0x9e3779b1) + file);
    const original = sound[file % sound.length] as SoundFile;
    const damaged = damageFile(original, sound, random);
    const begin = performance.now();
    const { outcome, faults } = await attempt(original, damaged);
    const milliseconds = performance.now() - begin;
    slowestMilliseconds = Math.max(slowestMilliseconds, milliseconds);
    if (milliseconds > mostMilliseconds) faults.push(`took ${Math.round(milliseconds)} ms`);
    if (outcome === 'same') same++;
    else if (outcome === 'other') other++;
    else refused[outcome] = (refused[outcome] ?? 0) + 1;
    for (const fault of faults) failures.push({ file, name: original.name, damage: damaged.damage, fault });
  }
  return { files, refused, same, other, slowestMilliseconds, failures };
}

/** Reads one file. The outcome is the name of the error, or whether it was read as what it was. */
async function attempt(
  original: SoundFile,
  { bytes, signed }: DamagedFile,
): Promise<{ outcome: string; faults: string[] }> {
  const backend = createBackend();
  useBackend(backend);
  const faults: string[] = [];
  let outcome: string;
  try {
    const before = bytes.slice();
    const read = readSafetensors(bytes);
    if (Buffer.compare(before, bytes) !== 0) faults.push('the bytes were changed');
    outcome = isSame(read, readSafetensors(original.bytes)) ? 'same' : 'other';
    if (outcome === 'other' && signed) faults.push('was read as something else, though its digest could tell');
    faults.push(...(await loadFile(original, read)));
  } catch (error) {
    outcome = error instanceof Error ? error.constructor.name : typeof error;
    if (!(error instanceof TempogradError)) faults.push(`threw ${String(error)}, no error of its own`);
    else if (error.message.length > longestMessage) faults.push(`a message of ${error.message.length} characters`);
  }
  const { buffers, peakBytes } = backend.memory();
  if (buffers > 0) faults.push(`${buffers} buffers left`);
  if (peakBytes > 2 ** 22 + 64 * bytes.length) faults.push(`${peakBytes} bytes for a file of ${bytes.length}`);
  return { outcome, faults };
}

function isSame(read: SafetensorsFile, original: SafetensorsFile): boolean {
  const describe = ({ tensors, metadata }: SafetensorsFile): string => {
    const values = [...tensors].map(([name, { dtype, shape, data }]) => {
      const bits = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
      return JSON.stringify([name, dtype, shape, bits]);
    });
    const names = Object.keys(metadata).sort();
    return JSON.stringify([values.sort(), names, names.map((name) => metadata[name])]);
  };
  return describe(read) === describe(original);
}
