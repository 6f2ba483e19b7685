import type { Experiment } from './Experiment.js';
import { checkpointing } from './checkpointing/checkpointing.js';
import { clipping } from './clipping/clipping.js';
import { gradientByLag } from './gradientByLag/gradientByLag.js';
import { cellsOnText } from './cellsOnText/cellsOnText.js';
import { influenceBalancing } from './influenceBalancing/influenceBalancing.js';
import { measuredLength } from './measuredLength/measuredLength.js';
import { addingProblem } from './memoryTasks/addingProblem.js';
import { copyMemory } from './memoryTasks/copyMemory.js';
import { parity } from './memoryTasks/parity.js';
import { truncationSweep } from './truncationSweep/truncationSweep.js';
import { permutedDigits } from './permutedDigits/permutedDigits.js';

/** What is kept of an experiment, and shown of it, whatever its figures are. */
export type AnyExperiment = Experiment<unknown>;

/** Every experiment, in the order of the index of their pages. */
export const experiments: readonly AnyExperiment[] = [
  widen(influenceBalancing),
  widen(truncationSweep),
  widen(measuredLength),
  widen(checkpointing),
  widen(gradientByLag),
  widen(clipping),
  widen(copyMemory),
  widen(addingProblem),
  widen(parity),
  widen(cellsOnText),
  widen(permutedDigits),
];

/** Figures go from `run` to `report` of one experiment, through JSON at most. */
function widen<F>({
  name,
  title,
  run,
  report,
  readsText = false,
  isOfPage = () => true,
}: Experiment<F>): AnyExperiment {
  return {
    name,
    title,
    readsText,
    run,
    isOfPage: (figures) => isOfPage(figures as F),
    report: (figures) => report(figures as F),
  };
}
