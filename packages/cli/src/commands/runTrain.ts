import { exitCodes } from '../Failure.js';
import { listenForInterrupt } from '../interrupt.js';
import { trainCommandLine } from '../present/commandLine.js';
import { trainJson } from '../present/trainJson.js';
import { describeStopped, trainTerminal } from '../present/trainTerminal.js';
import { openJob, type TrainRequest } from '../training/openJob.js';
import { trainModel } from '../training/trainModel.js';

/** What `train` is told. */
export type TrainOptions = TrainRequest & { readonly json?: boolean };

/** Trains, and gives the exit code. */
export async function runTrain(options: TrainOptions): Promise<number> {
  const view = options.json === true ? trainJson() : trainTerminal(resumeCommand(options));
  const interrupt = listenForInterrupt({ onFirst: () => view.stopping(), onSecond: () => view.close() });
  try {
    const job = await openJob(options, interrupt, view);
    try {
      const stopped = await trainModel(job, view);
      if (stopped === null) return exitCodes.ok;
      if (interrupt.outputClosed) console.error(describeStopped(stopped, resumeCommand(options)));
      return interrupt.exitCode ?? exitCodes.interrupted;
    } finally {
      await job.close();
    }
  } finally {
    view.close();
    interrupt.release();
  }
}

/** What to write to go on with a training that was begun so. */
function resumeCommand({ text, save }: TrainOptions): string {
  return trainCommandLine(
    '--resume',
    ...(text === undefined ? [] : ['--text', text]),
    ...(save === undefined ? [] : ['--save', save]),
  );
}
