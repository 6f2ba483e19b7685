import type { Experiment } from '../Experiment.js';
import { memoryExperiment, type MemoryFigures } from './memoryExperiment.js';
import { addingTask } from './tasks/addingTask.js';

/** The adding problem from different starts: see docs/experiments/adding-problem.md. */
export const addingProblem: Experiment<MemoryFigures> = memoryExperiment(
  'adding-problem',
  'two marked numbers among a hundred are added, from different starts',
  {
    small: {
      task: addingTask(20),
      only: ['GRU, chrono', 'RNN'],
      hidden: 24,
      batch: 16,
      updates: 300,
      learningRate: 0.01,
    },
    full: { task: addingTask(100), hidden: 32, batch: 32, updates: 3000, learningRate: 0.003 },
  },
);
