import { extname } from 'node:path';
import { checkpointInfo, type Checkpoint, type CheckpointStore } from '@tempograd/nn';
import { fileCheckpointStore } from '@tempograd/nn/node';
import { Failure } from '../Failure.js';
import { planOf, type RunPlan } from './runPlan.js';

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
export async function readRun(file: string, store: CheckpointStore = fileCheckpointStore(file)): Promise<StoredRun> {
  const checkpoint = await load(file, store);
  if (checkpoint === null) {
    throw new Failure(
      `There is no checkpoint ${file} to go on from. Begin anew without --resume, or name the model whose training was stopped with --save.`,
    );
  }
  const plan = planOf(file, checkpoint.metadata);
  return { checkpoint, plan, done: checkpointInfo(checkpoint).update };
}

async function load(file: string, store: CheckpointStore): Promise<Checkpoint | null> {
  try {
    return await store.load();
  } catch (cause) {
    throw new Failure(
      `The checkpoint ${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)} Begin anew without --resume.`,
      { cause },
    );
  }
}
