import { adam, advise, type Advice, type AdviseOptions } from '@tempograd/nn';
import { UsageError } from '../Failure.js';
import { describeAdvice, type AdvisedOn } from '../present/adviceTerminal.js';
import { passingProgress } from '../present/passingProgress.js';
import { writeJson } from '../present/writeJson.js';
import { trainingData } from '../training/corpus.js';
import { withPreparedModel, type PreparedRequest } from '../training/prepareModel.js';
import { gradientOptions } from '../training/runPlan.js';
import { advisedTraining } from './advisedTraining.js';
import { settingFlags } from './settingFlags.js';

/** What is to be learnt. */
export interface AdviseCommandOptions extends PreparedRequest {
  readonly task?: NonNullable<AdviseOptions['task']>;
  readonly length?: number;
  readonly horizon?: number;
  readonly dependency?: number;
  readonly anyOrder?: boolean;
  readonly memory?: number;
  readonly share?: number;
  readonly pilot?: number;
  readonly json?: boolean;
}

/** Advises, from the description alone or measured on a text. */
export async function runAdvise(options: AdviseCommandOptions): Promise<void> {
  requireSense(options);
  const progress = passingProgress(options.json === true);
  const { advice, on } = await (
    options.text === undefined ? byDescription(options) : measured(options, progress.show)
  ).finally(progress.clear);
  const { strategy: _strategy, ...plain } = advice;
  if (options.json === true) writeJson({ event: 'advice', ...plain });
  else console.log(describeAdvice(advice, on));
}

/** Advice, and what it was measured on; null where it was not. */
interface Advised {
  readonly advice: Advice;
  readonly on: AdvisedOn | null;
}

async function byDescription(options: AdviseCommandOptions): Promise<Advised> {
  return { advice: await advise(described(options)), on: null };
}

function described({ task, length, horizon, dependency, anyOrder }: AdviseCommandOptions): AdviseOptions {
  return {
    ...(task === undefined ? {} : { task }),
    ...(length === undefined ? {} : { sequenceLength: length }),
    ...(horizon === undefined ? {} : { horizon }),
    ...(dependency === undefined ? {} : { longestDependency: dependency }),
    orderMatters: anyOrder !== true,
  };
}

function measured(options: AdviseCommandOptions, onPart: (part: string) => void): Promise<Advised> {
  return withPreparedModel(options, onPart, async ({ backend, corpus, settings, model, params }) => {
    onPart('training for a while, and measuring');
    const { batch, learningRate } = settings;
    const { memory, share, pilot } = options;
    const advice = await advise({
      task: corpus.unit === 'words' ? 'words' : 'characters',
      sequenceLength: Infinity,
      ...described(options),
      model,
      params,
      data: trainingData(corpus, batch, settings.steps),
      batch,
      optimiser: adam({ learningRate }),
      ...gradientOptions(settings),
      ...(memory === undefined ? {} : { memoryBudget: memory }),
      ...(share === undefined ? {} : { share }),
      ...(pilot === undefined ? {} : { pilot }),
    });
    const on = { text: corpus.title, backend: backend.name, settings };
    return { advice, on: { ...on, training: advisedTraining(options, settings, advice) } };
  });
}

/** Options that only a text gives a sense to, by what the command line calls them. */
const ofText = {
  memory: '--memory',
  share: '--share',
  pilot: '--pilot',
  ...settingFlags,
  backend: '--backend',
} as const;

/** @throws UsageError for a description that says nothing, or settings of a model without a text. */
function requireSense(options: AdviseCommandOptions): void {
  const { text, task, length, share } = options;
  if (share !== undefined && share >= 1)
    throw new UsageError(`--share is the part of the gradient to keep, and must be below 1, but is ${share}.`);
  if (text !== undefined) return;
  const names = Object.keys(ofText) as (keyof typeof ofText)[];
  const idle = names.filter((name) => options[name] !== undefined).map((name) => ofText[name]);
  if (idle.length > 0) {
    throw new UsageError(
      `${idle.join(', ')} ${idle.length === 1 ? 'belongs' : 'belong'} to a model that is measured on a text: add --text FILE, or leave ${idle.length === 1 ? 'it' : 'them'} out.`,
    );
  }
  if (task !== undefined || length !== undefined) return;
  throw new UsageError(
    'Say what is to be learnt: --task, --length, or both; or --text FILE to measure on. For example: tempograd advise --task words --length 800',
  );
}
