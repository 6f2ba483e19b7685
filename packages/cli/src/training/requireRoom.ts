import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { scope, treeLeaves } from '@tempograd/core';
import type { Optimiser } from '@tempograd/nn';
import { writeWhole } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { bytes as inUnits } from '../present/format.js';
import { writeReason } from '../writeReason.js';

/** What a checkpoint takes beside parameters and the optimiser's averages: its description, the carry. */
const besides = 65_536;

/** How many bytes a checkpoint of a training takes, about. */
export function checkpointBytes(params: unknown, optimiser: Optimiser): number {
  const moments = scope(() => sizeOf(optimiser.init(params).moments));
  return 4 * (sizeOf(params) + moments) + besides;
}

/**
 * Finds out at the start whether the disk has room for a file of so many bytes, by writing one beside it.
 * @throws Failure when it has not.
 */
export async function requireRoom(file: string, bytes: number): Promise<void> {
  const probe = `${file}.probe`;
  try {
    // What no file system can make smaller than it is.
    await writeWhole(probe, Buffer.alloc(bytes, randomBytes(65_536)));
    await rm(probe, { force: true });
  } catch (cause) {
    throw new Failure(
      `${file} cannot be written: ${writeReason(cause, dirname(file))}. A checkpoint takes ${inUnits(bytes)}: make room, or choose another place with --save.`,
      { cause },
    );
  }
}

function sizeOf(tree: unknown): number {
  return treeLeaves(tree).reduce((sum, { size }) => sum + size, 0);
}
