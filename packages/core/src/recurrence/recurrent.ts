import {
  checkOptions,
  formatShape,
  gateCount,
  optionTable,
  recurrentCells,
  required,
  sameShape,
  ShapeError,
  type RecurrentCell,
  type Result,
  type Shape,
} from '../backend/index.js';
import { applyFused, fromResult, present } from '../tensor/applyFused.js';
import type { FusedOp } from '../tensor/FusedOp.js';
import { linear } from '../tensor/fused/linear.js';
import { requireTensor } from '../tensor/ops/checks.js';
import { add, gather, row } from '../tensor/ops/index.js';
import { scope } from '../tensor/scope.js';
import type { ArrayTensor, Tensor } from '../tensor/Tensor.js';
import { gateSteps } from './gateSteps.js';
import { overTime, withoutPadding } from './overTime.js';
import { reportSegment, segmentsAreObserved } from './observeSegments.js';

/** One layer of a standard cell, in one direction, over a whole segment. Shapes and equations as at `RecurrentArgs`. */
export interface RecurrentCall {
  readonly cell: RecurrentCell;
  /** `[time, batch, inputs]`; or i32 row numbers `[time, batch]`, and then `weightIh` is the table of `W x` by row, `[rows, gates·hidden]`. */
  readonly input: Tensor;
  /** `[batch, hidden]` each: h, and c for lstm. */
  readonly carry: readonly Tensor[];
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh?: Tensor | null;
  readonly biasHh?: Tensor | null;
  /** i32 `[time, batch]`. */
  readonly mask?: Tensor | null;
  readonly reverse?: boolean;
}

const callTable = optionTable<RecurrentCall>({
  cell: required(recurrentCells),
  input: required('tensor'),
  carry: required('array'),
  weightIh: required('tensor'),
  weightHh: required('tensor'),
  biasIh: 'tensor or null',
  biasHh: 'tensor or null',
  mask: 'tensor or null',
  reverse: 'boolean',
});

interface Inputs {
  readonly input: Tensor;
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly carry: readonly Tensor[];
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  readonly mask: Tensor | null;
}

interface Attributes {
  readonly cell: RecurrentCell;
  readonly reverse: boolean;
}

const fusedRecurrent: FusedOp<Inputs, Attributes> = {
  family: 'recurrent',
  accumulates: true,
  kinds: {
    input: 'float or i32',
    weightIh: 'float',
    weightHh: 'float',
    carry: 'float',
    biasIh: 'float',
    biasHh: 'float',
    mask: 'i32',
  },
  forward(backend, { input, weightIh, weightHh, carry: before, biasIh, biasHh, mask }, { cell, reverse }, save) {
    // All names written out, here and below: an object that grows by a spread costs more than small steps compute.
    const args = { cell, input, carry: before, weightIh, weightHh, biasIh, biasHh, mask, reverse };
    const { output, carry, saved } = present(backend.recurrentForward).call(backend, args, save);
    const tensor = (result: Result): ArrayTensor => fromResult(backend, result);
    return { outputs: [tensor(output), ...carry.map(tensor)], saved: saved?.map(tensor) ?? [] };
  },
  backward(backend, { inputs, outputs, saved, cotangents, wants, soFar, attributes: { cell, reverse } }) {
    const gradients = present(backend.recurrentBackward).call(backend, {
      cell,
      input: inputs.input,
      carry: inputs.carry,
      weightIh: inputs.weightIh,
      weightHh: inputs.weightHh,
      biasIh: inputs.biasIh,
      biasHh: inputs.biasHh,
      mask: inputs.mask,
      reverse,
      saved,
      outputCotangent: cotangents[0] ?? null,
      carryCotangents: cotangents.slice(1),
      wants: {
        input: wants.input,
        carry: wants.carry.some(Boolean),
        weights: wants.weightIh || wants.weightHh || wants.biasIh === true || wants.biasHh === true,
        delta: segmentsAreObserved(),
      },
      into: soFar && {
        weightIh: soFar.weightIh,
        weightHh: soFar.weightHh,
        biasIh: soFar.biasIh,
        biasHh: soFar.biasHh,
      },
    });
    const tensor = (result: Result | null): Tensor | null => (result === null ? null : fromResult(backend, result));
    const { delta } = gradients;
    if (delta !== null)
      reportSegment({ cell, reverse, ...inputs, output: outputs[0] as Tensor, delta: fromResult(backend, delta) });
    return {
      input: tensor(gradients.input),
      weightIh: tensor(gradients.weightIh) ?? soFar?.weightIh ?? null,
      weightHh: tensor(gradients.weightHh) ?? soFar?.weightHh ?? null,
      carry: gradients.carry?.map(tensor) ?? null,
      biasIh: tensor(gradients.biasIh) ?? soFar?.biasIh ?? null,
      biasHh: tensor(gradients.biasHh) ?? soFar?.biasHh ?? null,
    };
  },
  composed({ input: given, weightIh, weightHh, carry, biasIh, biasHh, mask }, { cell, reverse }) {
    const input = mask === null ? given : withoutPadding(given, mask);
    const step = gateSteps[cell];
    const fromInput = input.dtype === 'i32' ? tableShare(input, weightIh, biasIh) : linear(input, weightIh, biasIh);
    const result = overTime(input.shape[0] as number, carry, { mask, reverse }, (former, t) => {
      const next = step(row(fromInput, t), former, { weightHh, biasHh });
      return { carry: next, output: next[0] as Tensor };
    });
    return [result.output, ...result.carry];
  },
};

/** `W x + b` of all steps, `[time, batch, gates·hidden]`, where `W x` is a row of a table. */
function tableShare(rows: Tensor, table: Tensor, bias: Tensor | null): Tensor {
  const share = gather(table, rows);
  return bias === null ? share : add(share, bias);
}

/**
 * Runs a standard cell over a whole segment: fused where the backend has it, else the input's product for all steps at once
 * and a loop over time. Output `[time, batch, hidden]`, zero at masked steps; carry after the last step run.
 * @throws ShapeError, DTypeError naming the argument that does not fit.
 */
export function recurrent(call: RecurrentCall): { output: Tensor; carry: Tensor[] } {
  checkOptions('recurrent', call, callTable);
  for (const leaf of call.carry) requireTensor(call.cell, 'the carry', leaf);
  checkShapes(call);
  const { cell, input, carry, weightIh, weightHh, biasIh, biasHh, mask, reverse = false } = call;
  const inputs: Inputs = {
    input,
    weightIh,
    weightHh,
    carry,
    biasIh: biasIh ?? null,
    biasHh: biasHh ?? null,
    mask: mask ?? null,
  };
  return scope(() => {
    const [output, ...after] = applyFused(fusedRecurrent, inputs, { cell, reverse });
    return { output: output as Tensor, carry: after };
  });
}

/** A wrong input is told of as such: of the two that do not go together, it is rarely the weight that is wrong. */
function requireInput(cell: string, input: Tensor, weightIh: Tensor, rows: number): void {
  if (input.dtype === 'i32') return;
  const { shape } = input;
  const [gates, inputs] = weightIh.shape;
  if (shape.length === 3 && (weightIh.rank !== 2 || gates !== rows || shape[2] === inputs)) return;
  const wanted = weightIh.rank === 2 && gates === rows ? `[time, batch, ${inputs}]` : '[time, batch, inputs]';
  throw new ShapeError(
    `${cell}: the input should be ${wanted}, as the weights [gates·hidden, inputs] ${formatShape(weightIh.shape)} read it, but is ${formatShape(shape)}.`,
  );
}

function checkShapes({ cell, input, carry, weightIh, weightHh, biasIh, biasHh, mask }: RecurrentCall): void {
  const [time = 0, batch = 0, inputs = 0] = input.shape;
  const hidden = weightHh.shape[1] ?? 0;
  const rows = gateCount[cell] * hidden;
  requireInput(cell, input, weightIh, rows);
  const wanted: [string, Tensor | null | undefined, Shape][] = [
    ...(input.dtype === 'i32'
      ? ([
          ['row numbers [time, batch]', input, [time, batch]],
          ['weightIh, a table [rows, gates·hidden]', weightIh, [weightIh.shape[0] ?? 0, rows]],
        ] as [string, Tensor, Shape][])
      : ([
          ['input [time, batch, inputs]', input, [time, batch, inputs]],
          ['weightIh [gates·hidden, inputs]', weightIh, [rows, inputs]],
        ] as [string, Tensor, Shape][])),
    ['weightHh [gates·hidden, hidden]', weightHh, [rows, hidden]],
    ['biasIh [gates·hidden]', biasIh, [rows]],
    ['biasHh [gates·hidden]', biasHh, [rows]],
    ['mask [time, batch]', mask, [time, batch]],
    ...carry.map((leaf): [string, Tensor, Shape] => ['carry [batch, hidden]', leaf, [batch, hidden]]),
  ];
  for (const [what, given, shape] of wanted) {
    if (given && !sameShape(given.shape, shape)) {
      throw new ShapeError(
        `${cell}: ${what} should be ${formatShape(shape)} here, but is ${formatShape(given.shape)}.`,
      );
    }
  }
  if (time === 0 || carry.length !== (cell === 'lstm' ? 2 : 1) || !biasIh !== !biasHh) {
    throw new ShapeError(
      `${cell}: wanted at least one step, ${cell === 'lstm' ? 'a carry of h and c' : 'a carry of h'}, and both biases or neither; ` +
        `was given ${time} steps, a carry of ${carry.length}, ${biasIh ? '' : 'no '}biasIh and ${biasHh ? '' : 'no '}biasHh.`,
    );
  }
}
