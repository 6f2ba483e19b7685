import type { Experiment } from '../Experiment.js';
import { memoryExperiment, type MemoryFigures } from './memoryExperiment.js';
import { copyMemoryTask } from './tasks/copyMemoryTask.js';

/** Copy memory from different starts: see docs/experiments/copy-memory.md. */
export const copyMemory: Experiment<MemoryFigures> = memoryExperiment(
  'copy-memory',
  'symbols are said again after a wait, from different starts',
  {
    small: {
      task: copyMemoryTask(10, 3),
      only: ['LSTM', 'LSTM, chrono', 'RNN, orthogonal'],
      hidden: 32,
      batch: 16,
      updates: 300,
      learningRate: 0.01,
    },
    full: { task: copyMemoryTask(40, 5), hidden: 64, batch: 16, updates: 4000, learningRate: 0.003 },
  },
);
