import { Random } from '../Random.js';
import { Builder, draw, type Program } from './Builder.js';
import { elementwiseMakers } from './elementwise.js';
import { fusedMakers } from './fused.js';
import { recurrenceMakers } from './recurrences.js';
import { reductionMakers } from './reductions.js';
import { viewMakers } from './views.js';

const families = [elementwiseMakers, elementwiseMakers, viewMakers, reductionMakers, fusedMakers, recurrenceMakers];

/** A random program; the same number always gives the same. */
export function makeProgram(number: number): Program {
  const random = new Random(number);
  const shapes = Array.from({ length: random.whole(1, 4) }, () =>
    Array.from({ length: random.whole(0, 4) }, () => random.whole(1, 4)),
  );
  const builder = new Builder(
    random,
    shapes.map((shape) => draw(random, shape)),
  );
  const makers = random.whole(2, 9);
  for (let made = 0; made < makers;) if (builder.attempt(random.pick(random.pick(families)))) made++;
  // What no step needs is left out, so that what fails is short.
  return onlyWhatIsNeeded({ inputs: builder.inputs, steps: builder.steps });
}

/** The program up to the value of one step, with only the steps that it needs. */
export function cutProgram({ inputs, steps }: Program, count: number): Program {
  return onlyWhatIsNeeded({ inputs, steps: steps.slice(0, count) });
}

function onlyWhatIsNeeded({ inputs, steps }: Program): Program {
  const needed = new Set<number>([steps.length - 1]);
  for (let index = steps.length - 1; index >= 0; index--) {
    if (needed.has(index))
      for (const arg of steps[index]!.args) if (arg >= inputs.length) needed.add(arg - inputs.length);
  }
  const kept = [...needed].sort((a, b) => a - b);
  const renumber = (arg: number): number =>
    arg < inputs.length ? arg : inputs.length + kept.indexOf(arg - inputs.length);
  return { inputs, steps: kept.map((index) => ({ ...steps[index]!, args: steps[index]!.args.map(renumber) })) };
}

/** A program as text, one line a value. */
export function printProgram({ inputs, steps }: Program): string {
  const lines = [
    ...inputs.map(({ shape, values }) => `[${String(shape)}] = ${values.map(({ v }) => v).join(' ')}`),
    ...steps.map(({ name, args }) => `${name} (${args.map((arg) => `%${arg}`).join(', ')})`),
  ];
  return lines.map((line, index) => `  %${index} ${line}`).join('\n');
}
