import {
  add,
  concat,
  gather,
  linear,
  mul,
  scan,
  scanSteps,
  sigmoid,
  stopGradient,
  sub,
  tanh,
  tensor,
  treeLeaves,
  zeros,
  type Cell,
  type Tensor,
} from '@tempograd/core';
import { build, type HostArray } from '../host/HostArray.js';
import type { Sampler } from '../host/Sampler.js';
import type { Subject } from './Subject.js';

/** How to run a user's cell over time. */
export interface SegmentVariant {
  readonly time: number;
  readonly mask: boolean;
  readonly reverse: boolean;
}

const batch = 3;
const width = 2;
const hidden = 4;

/** A cell as a user writes it, made of a subject's inputs: parameters, carry, what it closes over, and the input of every step. */
export interface UserCell {
  readonly title: string;
  /** Whether its derivative is that of its value: not where it stops gradients. Default is true. */
  readonly smooth?: boolean;
  inputs(sample: Sampler, time: number): readonly HostArray[];
  make(inputs: readonly Tensor[]): { cell: Cell<unknown, unknown>; params: unknown; carry: unknown; x: Tensor };
}

/** The minimal gated unit (Zhou et al. 2016): one gate, which forgets and resets. */
export const minimalGatedUnit: UserCell = {
  title: 'minimal gated unit',
  inputs: (sample, time) => [
    sample.floats([time, batch, width]),
    sample.floats([hidden, width + hidden]),
    sample.floats([hidden]),
    sample.floats([hidden, width + hidden]),
    sample.floats([batch, hidden]),
  ],
  make: ([x, gate, bias, candidate, carry]) => {
    interface Params {
      readonly gate: Tensor;
      readonly bias: Tensor;
      readonly candidate: Tensor;
      readonly none: null;
    }
    const cell: Cell<Params, Tensor> = {
      initialCarry: (rows, options) => zeros([rows, hidden], options),
      step: (p, h, input) => {
        const f = sigmoid(linear(concat([input, h], 1), p.gate, p.bias));
        const proposed = tanh(linear(concat([input, mul(f, h)], 1), p.candidate));
        const next = add(mul(sub(1, f), h), mul(f, proposed));
        return { carry: next, output: next };
      },
    };
    return made(cell, { gate, bias, candidate, none: null }, carry, x);
  },
};

/** A residual cell whose carry is a tree, given back with its keys in another order, and whose output is not its state. */
const residualTree: UserCell = {
  title: 'residual cell with a tree',
  inputs: (sample, time) => [
    sample.floats([time, batch, hidden]),
    sample.floats([hidden, hidden]),
    sample.floats([batch, hidden]),
    sample.floats([batch, hidden]),
    sample.integers([batch, 1], 0, 5),
  ],
  make: ([x, weight, h, slow, count]) => {
    interface Carry {
      readonly h: Tensor;
      readonly memory: readonly [{ readonly slow: Tensor }, { readonly count: Tensor }];
    }
    const cell: Cell<readonly [Tensor], Carry> = {
      initialCarry: (rows, options) => ({
        h: zeros([rows, hidden], options),
        memory: [{ slow: zeros([rows, hidden], options) }, { count: zeros([rows, 1], { ...options, dtype: 'i32' }) }],
      }),
      step: ([w], carry, input) => {
        const [{ slow: before }, { count: steps }] = carry.memory;
        const next = add(carry.h, tanh(add(linear(carry.h, w), input)));
        const after = add(mul(before, 0.75), mul(next, 0.25));
        return {
          carry: { memory: [{ slow: after }, { count: add(steps, 1) }] as const, h: next },
          output: mul(after, next),
        };
      },
    };
    return made(cell, [weight], { h, memory: [{ slow }, { count }] }, x);
  },
};

/** A cell that closes over a tensor, which may be differentiated, over a number, and over numbers made in each step. */
const closedOver: UserCell = {
  title: 'cell with constants',
  inputs: (sample, time) => [
    sample.floats([time, batch, hidden]),
    sample.floats([hidden]),
    sample.floats([batch, hidden]),
    sample.floats([hidden, hidden]),
  ],
  make: ([x, bias, carry, mixing]) => {
    const cell: Cell<Tensor, Tensor> = {
      initialCarry: (rows, options) => zeros([rows, hidden], options),
      step: (b, h, input) => {
        const { dtype, backend } = h;
        const phases = tensor([0.5, -0.25, 1, 0], { dtype, backend });
        const next = tanh(add(add(linear(h, mixing as Tensor), mul(input, phases)), mul(b, 0.1)));
        return { carry: next, output: add(next, zeros([batch, hidden], { dtype, backend })) };
      },
    };
    return made(cell, bias, carry, x);
  },
};

/** A cell whose input is a row number. */
const embedded: UserCell = {
  title: 'cell with row numbers',
  inputs: (sample, time) => [
    sample.integers([time, batch], 0, 5),
    sample.floats([5, hidden]),
    sample.floats([batch, hidden]),
  ],
  make: ([x, table, carry]) => {
    const cell: Cell<Tensor, Tensor> = {
      initialCarry: (rows, options) => zeros([rows, hidden], options),
      step: (rows, h, input) => {
        const next = tanh(sub(gather(rows, input), mul(h, h)));
        return { carry: next, output: next };
      },
    };
    return made(cell, table, carry, x);
  },
};

/** A cell that stops the gradient of its carry but for a part, as fast weights do. */
const stopping: UserCell = {
  title: 'cell that stops gradients',
  smooth: false,
  inputs: (sample, time) => [
    sample.floats([time, batch, hidden]),
    sample.floats([hidden]),
    sample.floats([batch, hidden]),
  ],
  make: ([x, weight, carry]) => {
    const cell: Cell<Tensor, Tensor> = {
      initialCarry: (rows, options) => zeros([rows, hidden], options),
      step: (w, h, input) => {
        const next = tanh(add(mul(w, add(stopGradient(h), mul(h, 0.5))), input));
        return { carry: next, output: mul(next, stopGradient(next)) };
      },
    };
    return made(cell, weight, carry, x);
  },
};

/** A cell that passes on what it is given: a state that never changes, its input, a tensor closed over, twice, and a constant. */
const passing: UserCell = {
  title: 'cell that passes things on',
  inputs: (sample, time) => [
    sample.floats([time, batch, hidden]),
    sample.floats([batch, hidden]),
    sample.floats([batch, hidden]),
    sample.floats([batch, hidden]),
  ],
  make: ([x, still, moving, closed]) => {
    type Carry = readonly [Tensor, Tensor];
    const cell: Cell<null, Carry, Tensor, readonly Tensor[]> = {
      initialCarry: (rows, options) => [zeros([rows, hidden], options), zeros([rows, hidden], options)],
      step: (_, [first, second], input) => ({
        carry: [first, mul(add(first, second), input)],
        output: [
          input,
          closed as Tensor,
          closed as Tensor,
          zeros([batch, 1], { dtype: input.dtype, backend: input.backend }),
        ],
      }),
    };
    return made(cell, null, [still, moving], x);
  },
};

/** Types of cells differ, and cases see them as trees. */
function made(cell: object, params: unknown, carry: unknown, x: Tensor | undefined): ReturnType<UserCell['make']> {
  return { cell: cell as Cell<unknown, unknown>, params, carry, x: x as Tensor };
}

/** Cells of users, which a backend may compile. */
export const userCells: readonly UserCell[] = [minimalGatedUnit, residualTree, closedOver, embedded, stopping, passing];

/** A user's cell over a segment: its output and the leaves of its last carry. */
export function segmentSubject(user: UserCell, { time, mask, reverse }: SegmentVariant): Subject {
  const over =
    (run: typeof scan) =>
    (...inputs: Tensor[]): Tensor[] => {
      const valid = mask ? (inputs.at(-1) as Tensor) : null;
      const { cell, params, carry, x } = user.make(mask ? inputs.slice(0, -1) : inputs);
      const result = run(cell, params, carry, x, { mask: valid, reverse });
      // The order of the carry that was given, whatever the order of the one that the step returned.
      return treeLeaves([result.output, result.carry]).filter(({ dtype }) => dtype !== 'i32');
    };
  return {
    op: 'segment',
    title: [user.title, time === 1 && 'one step', mask && 'mask with holes', reverse && 'reversed']
      .filter((part) => part !== false)
      .join(', '),
    opClass: 'recurrent',
    family: 'segment',
    inputs: (sample) => [
      ...user.inputs(sample, time),
      ...(mask ? [build([time, batch], (i) => Number(i % batch !== 1 && sample.next() < 0.6), 'i32')] : []),
    ],
    apply: over(scan),
    trusted: over(scanSteps),
  };
}
