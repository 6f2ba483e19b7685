import { readSafetensorsFile } from '@tempograd/nn/node';
import type { Provenance } from '../model/modelFile.js';

/** Whether the model after so many updates stands in its file: what ended a run may have come between checkpoint and model. */
export async function hasModel(file: string, updates: number): Promise<boolean> {
  try {
    const { metadata } = await readSafetensorsFile(file);
    const training = JSON.parse(metadata['training'] ?? '') as Partial<Provenance> | null;
    return training?.updates === updates;
  } catch {
    return false;
  }
}
