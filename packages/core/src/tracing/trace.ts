import { TraceError, type Argument, type Backend } from '../backend/index.js';
import { withTraceLevel } from '../autodiff/traceLevels.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { commonBackend } from '../tensor/bind.js';
import { currentBackend } from '../tensor/defaultBackend.js';
import { scope } from '../tensor/scope.js';
import { withStage } from '../tensor/stage.js';
import { treeFill, treeMap } from '../tensor/tree.js';
import { namedLeaves } from './namedLeaves.js';
import { Program } from './Program.js';
import { Recorder } from './Recorder.js';
import { simplify } from './simplify.js';

/**
 * Traces a pure function of trees of tensors to a program: `fn` is run once on values that have a shape and a dtype but no
 * elements, every primitive is written down, and no backend computes anything. Of the examples only shapes, dtypes and the
 * backend are looked at. Tensors that `fn` closes over become constants, which the program holds until its `dispose()`; ops
 * with a fused path are composed. `fn` may differentiate; the program may be differentiated, and traced in turn.
 * @throws TraceError when `fn` reads a value or changes or keeps a tensor; whatever `fn` throws.
 */
export function trace<A extends readonly unknown[], R>(fn: (...args: A) => R, ...examples: A): Program<A, R> {
  requireFunction('trace', fn);
  return traceNamed(fn.name === '' ? 'anonymous' : fn.name, fn, examples);
}

/** As `trace`, with a name for the program. */
export function traceNamed<A extends readonly unknown[], R>(
  name: string,
  fn: (...args: A) => R,
  examples: A,
): Program<A, R> {
  return withTraceLevel((level) => {
    const named = namedLeaves(examples);
    const leaves = named.map(([, leaf]) => leaf);
    const backend: Backend = leaves.length === 0 ? currentBackend() : commonBackend('trace', leaves);
    const recorder = new Recorder(level);
    try {
      const watched = leaves.map(({ shape, dtype }) => recorder.variable(shape, dtype, backend));
      const args = treeFill<readonly unknown[]>(examples, watched) as A;
      const outputs: Argument[] = [];
      const result = withStage(recorder, () =>
        scope(() => {
          const returned = fn(...args);
          if (returned instanceof Promise) throw new TraceError(`${name}: an async function cannot be traced.`);
          return treeMap(returned, (leaf) => {
            const lifted = recorder.lift(leaf);
            outputs.push(lifted.argument);
            return lifted;
          });
        }),
      );
      const { data, constants } = simplify({
        inputs: leaves.map(({ shape, dtype }) => ({ shape, dtype })),
        constants: recorder.constants,
        equations: recorder.equations,
        outputs,
      });
      recorder.dispose(constants);
      const inputs = named.map(([path, { shape, dtype }]) => ({ name: path, shape, dtype }));
      const held = constants.map(({ source, value, shape, dtype }) => ({ source, value, shape, dtype }));
      return new Program<A, R>({ name, inputs, constants: held, data, result, backend });
    } catch (error) {
      recorder.dispose();
      throw error;
    } finally {
      recorder.end();
    }
  });
}
