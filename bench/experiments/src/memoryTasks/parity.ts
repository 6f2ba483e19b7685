import type { Experiment } from '../Experiment.js';
import { memoryExperiment, type MemoryFigures } from './memoryExperiment.js';
import { parityTask } from './tasks/parityTask.js';

/** The parity of bits from different starts: see docs/experiments/parity.md. */
export const parity: Experiment<MemoryFigures> = memoryExperiment(
  'parity',
  'whether an odd number of bits was 1 so far, from different starts',
  {
    small: {
      task: parityTask(10),
      only: ['LSTM', 'RNN'],
      hidden: 24,
      batch: 16,
      updates: 300,
      learningRate: 0.01,
    },
    full: { task: parityTask(50), hidden: 32, batch: 32, updates: 3000, learningRate: 0.003 },
  },
);
