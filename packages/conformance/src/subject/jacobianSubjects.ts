import * as core from '@tempograd/core';
import type { RecurrentParams, Tensor } from '@tempograd/core';
import type { Subject } from './Subject.js';

/** The whole Jacobian of an op, which the oracle has from one vjp for each element. */
export const jacobianSubject: Subject = {
  op: 'jacobian',
  title: '',
  opClass: 'product',
  inputs: (sample) => [sample.floats([3, 2]), sample.floats([2, 3])],
  apply: (a, b) => core.jacobian(([x, y]: [Tensor, Tensor]) => core.tanh(core.matmul(x, y)))([a, b]),
  trusted: (a, b) => rowByRow(([x, y]) => core.tanh(core.matmul(x as Tensor, y as Tensor)), [a, b]),
};

/** The exact Jacobian of a step by carry, parameters and input. */
export const cellJacobianSubject: Subject = {
  op: 'cellJacobian',
  title: 'lstm',
  opClass: 'recurrent',
  inputs: (sample) => [
    sample.floats([8, 3]),
    sample.floats([8, 2]),
    sample.floats([8]),
    sample.floats([8]),
    sample.floats([2, 2]),
    sample.floats([2, 2]),
    sample.floats([2, 3]),
  ],
  apply(...inputs) {
    const [params, carry, input] = lstmOf(inputs);
    const { carryByParams, carryByCarry, carryByInput } = core.cellJacobian(lstm, params, carry, input, {
      by: ['params', 'carry', 'input'],
    });
    return [carryByParams, carryByCarry, carryByInput].flatMap((blocks) => core.treeLeaves(blocks));
  },
  trusted(...inputs) {
    const [params, carry, input] = lstmOf(inputs);
    const rows = [0, 1].map((index) => {
      const after = (p: RecurrentParams, h: Tensor, c: Tensor, x: Tensor): readonly Tensor[] => {
        const own = { h: core.reshape(h, [1, 2]), c: core.reshape(c, [1, 2]) };
        const step = lstm.step(p, own, core.reshape(x, [1, 3]), { key: null, time: 0 });
        return [step.carry.h, step.carry.c].map((leaf) => core.reshape(leaf, [2]));
      };
      const at = [...core.treeLeaves(params), ...[carry.h, carry.c, input].map((x) => core.row(x, index))];
      const blocksOf = (leaf: number): Tensor[] =>
        rowByRow((all) => after(core.treeFill(params, all.slice(0, 4)), all[4]!, all[5]!, all[6]!)[leaf]!, at);
      const [h, c] = [blocksOf(0), blocksOf(1)];
      return [[0, 4], [4, 6], [6, 7]].flatMap(([from, to]) => [...h.slice(from, to), ...c.slice(from, to)]); // prettier-ignore
    });
    return rows[0]!.map((_, place) => core.stack(rows.map((blocks) => blocks[place]!)));
  },
};

const lstm = core.lstmCell({ hiddenSize: 2 });

function lstmOf(inputs: readonly Tensor[]): [RecurrentParams, core.LstmCarry, Tensor] {
  const [weight_ih, weight_hh, bias_ih, bias_hh, h, c, input] = inputs as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ];
  return [{ weight_ih, weight_hh, bias_ih, bias_hh }, { h, c }, input];
}

/** The blocks of one result by each argument, from one vjp for each element of the result. */
function rowByRow(fn: (xs: readonly Tensor[]) => Tensor, xs: readonly Tensor[]): Tensor[] {
  const { value, pullback } = core.vjp((all: readonly Tensor[]) => fn(all), xs);
  try {
    const { shape, size, dtype, backend } = value;
    const gradients = Array.from({ length: size }, (_, element) => {
      const unit = Float64Array.from({ length: size }, (_unused, index) => (index === element ? 1 : 0));
      return pullback(core.fromArray(unit, shape, { dtype, backend }));
    });
    return xs.map((x, index) =>
      core.reshape(core.stack(gradients.map((each) => each[index]!)), [...shape, ...x.shape]),
    );
  } finally {
    pullback.dispose();
  }
}
