import { join } from 'node:path';
import { attackCommand } from '../files/attackCommand.js';
import { attackFiles, type FilesFailure } from '../files/attackFiles.js';
import { attackKills } from '../kills/attackKills.js';
import { attackKernels } from '../kernels/attackKernels.js';
import type { Computer } from '../kernels/Machine.js';
import type { Place } from '../places.js';
import { attackPrograms } from '../programs/attackPrograms.js';
import { attackShapes } from '../shapes/attackShapes.js';
import { attackStreams } from '../streams/attackStreams.js';
import { attackTexts } from '../texts/attackTexts.js';
import type { Attack, Failure } from './Attack.js';

const cli = join(import.meta.dirname, '../../../packages/cli/dist/main.js');

/** Where programs and shapes run beside the js backend. */
export interface Places {
  readonly programs: readonly Place[];
  readonly shapes: readonly Place[];
  /** The builds of the kernels, without a backend about them. */
  readonly kernels: readonly Computer[];
}

/** Every attack of the command. */
export function allAttacks(seed: number, places: Places): Attack[] {
  const again = (name: string, from: number, count = 1): string => `--${name} ${count} --from ${from} --seed ${seed}`;
  const ofFiles =
    (name: string) =>
    ({ file, name: original, damage, fault }: FilesFailure): Failure => ({
      what: `${original}, ${damage}: ${fault}`,
      again: again(name, file),
    });
  return [
    {
      name: 'programs',
      does: 'random programs: values, gradients, second derivatives, against exact derivatives on the host, on every backend',
      part: 20,
      async run(from, count) {
        const { failures, ...counts } = await attackPrograms({ seed, programs: count, from, others: places.programs });
        return {
          counts: { programs: counts.programs, steps: counts.steps, comparisons: counts.comparisons },
          failures: failures.map(({ program, fault, listing }) => ({
            what: `program ${program}, ${fault}\n${listing}`,
            again: again('programs', program),
          })),
        };
      },
    },
    {
      name: 'shapes',
      does: 'recurrent layers of random shapes and truncations of random lengths, against the host and mask · credit matrix, on every backend',
      part: 10,
      async run(from, count) {
        const { failures, layers, problems } = await attackShapes({ seed, shapes: count, from, others: places.shapes });
        return {
          counts: { layers, truncations: problems * 8 },
          failures: failures.map(({ shape, fault }) => ({ what: fault, again: again('shapes', shape) })),
        };
      },
    },
    {
      name: 'kernels',
      does: 'calls of the kernels with random sizes, strides and addresses, in every build, in one to three parts',
      part: 40,
      run(from, count) {
        const { failures } = attackKernels({ seed, kernels: count, from, machines: places.kernels });
        return Promise.resolve({
          counts: { kernels: count },
          failures: failures.map(({ kernel, fault }) => ({ what: fault, again: again('kernels', kernel) })),
        });
      },
    },
    {
      name: 'texts',
      does: 'texts of anything, by characters, words and bytes: whole, in pieces cut anywhere, and any part of a file',
      part: 4,
      async run(from, count) {
        const { failures, texts, items } = await attackTexts({ seed, texts: count, from });
        return {
          counts: { texts, items },
          failures: failures.map(({ text, fault }) => ({
            what: `text ${text}, ${fault}`,
            again: again('texts', text),
          })),
        };
      },
    },
    {
      name: 'streams',
      does: 'streams of predictors of random models, which step together, fork, reset and rest: each as if it were alone',
      part: 2,
      async run(from, count) {
        const { failures, streams, steps } = await attackStreams({ seed, models: count, from });
        return {
          counts: { models: count, streams, steps },
          failures: failures.map(({ model, fault }) => ({
            what: `model ${model}: ${fault}`,
            again: again('streams', model),
          })),
        };
      },
    },
    {
      name: 'files',
      does: 'damaged models, checkpoints and tensors, read by the library',
      part: 200,
      async run(from, files) {
        const { failures, refused, same, other } = await attackFiles({ seed, files, from });
        return { counts: { files, ...refused, same, other }, failures: failures.map(ofFiles('files')) };
      },
    },
    {
      name: 'commands',
      does: 'damaged models and checkpoints, given to the command line',
      part: 10,
      async run(from, files) {
        const { failures, exits } = await attackCommand({ seed, files, from, main: cli });
        const byExit = Object.entries(exits).map(([code, count]) => [`exit ${code}`, count]);
        return {
          counts: { commands: files, ...Object.fromEntries(byExit) },
          failures: failures.map(ofFiles('commands')),
        };
      },
    },
    {
      name: 'kills',
      does: 'trainings of the command line killed at any moment, and resumed',
      part: 5,
      async run(from, count) {
        // Each part has its own random numbers. Which instruction a kill meets also depends on the machine.
        const { failures, ...counts } = await attackKills({ seed: Math.imul(seed, 0x9e3779b1) + from, kills: count });
        return {
          counts,
          failures: failures.map(({ kill, fault }) => ({
            what: `after kill ${kill} of this part: ${fault}`,
            again: again('kills', from, count),
          })),
        };
      },
    },
  ];
}
