import type { TrainSettings } from '../training/settings.js';

/** What the settings of model and training are called on the command line. */
export const settingFlags: Readonly<Record<keyof TrainSettings, string>> = {
  unit: '--unit',
  vocabulary: '--vocabulary',
  cell: '--cell',
  hidden: '--hidden',
  layers: '--layers',
  embedding: '--embedding',
  dropout: '--dropout',
  batch: '--batch',
  steps: '--steps',
  learningRate: '--learning-rate',
  weightDecay: '--weight-decay',
  clip: '--clip',
  seed: '--seed',
};
