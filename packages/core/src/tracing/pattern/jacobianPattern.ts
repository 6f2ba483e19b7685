import { traceNamed } from '../trace.js';
import { dependenceOf, type Dependence } from './dependence.js';
import { Pattern } from './Pattern.js';

/**
 * The function that says which entries of the Jacobian of `fn` at trees like `x` can differ from 0: rows are all elements of its
 * value, columns all elements of `x`, tensor after tensor in the order of `treeLeaves`. It follows from the ops of `fn` alone,
 * which is traced once and without values: no entry is missing, and one is too many only where values decide, such as
 * a factor that is 0 or a row that is chosen by its number.
 * @throws TraceError when `fn` reads a value or has effects.
 */
export function jacobianPattern<X>(fn: (x: X) => unknown): (x: X) => Pattern {
  return (x) => {
    const { sets, inputs } = tracedDependence(fn, x);
    return Pattern.fromSets(sets, inputs);
  };
}

/** What of the value of `fn` depends on each element of each tensor of `x`. */
export function tracedDependence<X>(fn: (x: X) => unknown, x: X): Dependence {
  const program = traceNamed('jacobianPattern', fn, [x]);
  try {
    return dependenceOf(program.data, program.inputs.length);
  } finally {
    program.dispose();
  }
}
