import { extname } from 'node:path';
import {
  CheckpointError,
  checkpointInfo,
  SafetensorsError,
  type Checkpoint,
  type CheckpointInfo,
  type ReadOptions,
  type Training,
} from '@tempograd/nn';
import { fileCheckpointStore } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { readReason } from '../readReason.js';
import { isSystemError } from '../writeReason.js';
import { planOf, type RunPlan } from './runPlan.js';
import { updatesOf } from './schedule.js';

/** Where a run is kept that can be gone on with: beside the model that it makes. */
export function checkpointBeside(model: string): string {
  const extension = extname(model);
  return `${extension === '' ? model : model.slice(0, -extension.length)}.checkpoint.safetensors`;
}

/** A run to go on with. */
export interface StoredRun {
  readonly checkpoint: Checkpoint;
  readonly plan: RunPlan;
  /** Updates taken. */
  readonly done: number;
}

/** @throws Failure when there is no checkpoint, or it is damaged or another program's. */
export async function readRun(file: string, options?: ReadOptions): Promise<StoredRun> {
  const checkpoint = await load(file, options);
  if (checkpoint === null) {
    throw new Failure(
      `There is no checkpoint ${file} to go on from. Begin anew without --resume, or name the model whose training was stopped with --save.`,
    );
  }
  const plan = planOf(file, checkpoint.metadata);
  const done = infoOf(file, checkpoint).update;
  const updates = updatesOf(plan.phases);
  if (done <= updates) return { checkpoint, plan, done };
  throw new Failure(
    `The checkpoint ${file} is damaged: it says that ${done} updates were taken of ${updates}. Take another copy, or begin anew without --resume.`,
  );
}

/** A training that may go on from a checkpoint. @throws Failure naming the file when what is in it cannot be gone on from. */
export async function* namingCheckpoint(file: string, start: () => Training): Training {
  try {
    yield* start();
  } catch (cause) {
    if (cause instanceof CheckpointError || cause instanceof SafetensorsError) throw unreadable(file, cause);
    throw cause;
  }
}

async function load(file: string, options?: ReadOptions): Promise<Checkpoint | null> {
  try {
    return await fileCheckpointStore(file, options).load();
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function infoOf(file: string, checkpoint: Checkpoint): CheckpointInfo {
  try {
    return checkpointInfo(checkpoint);
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): Failure {
  const reason = isSystemError(cause)
    ? `${readReason(cause)}.`
    : cause instanceof Error
      ? cause.message
      : String(cause);
  return new Failure(`The checkpoint ${file} cannot be read: ${reason} Begin anew without --resume.`, { cause });
}
