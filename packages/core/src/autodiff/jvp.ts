import { ArgumentError, isFloat } from '../backend/index.js';
import { bind } from '../tensor/bind.js';
import { zerosLike } from '../tensor/ops/index.js';
import type { Primitive } from '../tensor/primitive.js';
import { requireFunction } from '../tensor/requireFunction.js';
import { alias, scope } from '../tensor/scope.js';
import { share, TracedTensor, type PrimitiveCall, type Tensor, type Trace, nameForConsole } from '../tensor/Tensor.js';
import { alignLeaves, treeFill, treeLeaves, treeMap, type Likeness } from '../tensor/tree.js';
import { jvpRules, type JvpRule } from './jvpRules.js';
import { requireLike } from './requireLike.js';
import { withTraceLevel } from './traceLevels.js';

/** A value with the direction in which it moves. */
class DualTensor extends TracedTensor {
  readonly trace: DualTrace;
  readonly primal: Tensor;
  readonly tangent: Tensor;
  protected readonly watched = 'with a tangent';

  constructor(trace: DualTrace, primal: Tensor, tangent: Tensor) {
    super();
    this.trace = trace;
    this.primal = primal;
    this.tangent = tangent;
  }

  parts(): readonly Tensor[] {
    return [this.primal, this.tangent];
  }

  share(): DualTensor {
    return new DualTensor(this.trace, share(this.primal), share(this.tangent));
  }
}

nameForConsole(DualTensor);

/** Forward-mode differentiation: each op moves values and tangents together, nothing is kept. */
class DualTrace implements Trace {
  readonly level: number;
  readonly refusesFused = 'it is differentiated forward in time';

  constructor(level: number) {
    this.level = level;
  }

  tangentOf(x: Tensor): Tensor | null {
    return x instanceof DualTensor && x.trace === this ? x.tangent : null;
  }

  lower(x: Tensor): Tensor {
    return x instanceof DualTensor && x.trace === this ? x.primal : x;
  }

  process<P extends Primitive>(call: PrimitiveCall<P>): Tensor {
    const inputs = call.inputs.map((x) => this.lower(x));
    const output = bind(call.primitive, inputs, call.attributes, call.shape, call.dtype);
    const rule = jvpRules[call.primitive] as JvpRule<unknown> | 'zero';
    if (rule === 'zero' || !isFloat(call.dtype)) return output;
    const tangents = call.inputs.map((x) => this.tangentOf(x));
    return new DualTensor(this, output, rule({ inputs, tangents, output, attributes: call.attributes }));
  }

  processFused(): Tensor[] {
    throw new ArgumentError('Fused ops have no forward-mode rule; the resolver composes them.');
  }
}

const likeArgument: Likeness = {
  what: 'jvp: the tangent is not a tree like the argument',
  names: ['the argument', 'the tangent'],
};

/** A function's value and its directional derivative. */
export interface Jvp<Y> {
  readonly value: Y;
  readonly tangent: Y;
}

/**
 * Forward-mode differentiation of `fn` at the tree `x` along `tangent`, a tree like `x`: the value and `∂fn/∂x · tangent`,
 * both trees like the value. Nests with itself and with `vjp`. Leaves that are not floating-point do not move.
 * @throws ArgumentError, ShapeError, DTypeError, BackendError naming the path where the tangent is not like `x`.
 */
export function jvp<X, Y>(fn: (x: X) => Y, x: X, tangent: X): Jvp<Y> {
  requireFunction('jvp', fn);
  return withTraceLevel((level) =>
    scope(() => {
      const trace = new DualTrace(level);
      const directions = alignLeaves(x, tangent, likeArgument) as Tensor[];
      const moving = treeLeaves(x).map((leaf, index) => {
        if (!isFloat(leaf.dtype)) return leaf;
        const direction = directions[index] as Tensor;
        requireLike('jvp: the tangent', x, index, direction, leaf);
        return new DualTensor(trace, leaf, direction);
      });
      const result = fn(treeFill(x, moving));
      const leaves = treeLeaves(result);
      const value = treeMap(result, (leaf) => alias(trace.lower(leaf)));
      const tangents = leaves.map((leaf) => {
        const direction = trace.tangentOf(leaf);
        return direction === null ? zerosLike(trace.lower(leaf)) : alias(direction);
      });
      return { value, tangent: treeFill(result, tangents) };
    }),
  );
}
