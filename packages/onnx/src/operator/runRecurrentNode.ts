import {
  ArgumentError,
  fromArray,
  less,
  recurrent,
  reshape,
  row,
  scan,
  scope,
  ShapeError,
  sliceAxis,
  stack,
  transpose,
  zeros,
  type Shape,
  type Tensor,
} from '@tempograd/core';
import { formatShape, sameShape } from '@tempograd/core/backend';
import type { OnnxNode } from '../file/OnnxFile.js';
import { directionParams, layerCell } from '../import/recurrentLayer.js';
import { activationsOf } from './activations.js';
import { beyondLayers, gatesOf, settingsOf, type RecurrentSettings } from './settings.js';
import { operatorCell, type States } from './steps.js';

/** Inputs of an operator by their names, absent ones null. */
interface Inputs {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly r: Tensor;
  readonly b: Tensor | null;
  readonly lengths: Tensor | null;
  readonly initial: readonly (Tensor | null)[];
  readonly p: Tensor | null;
}

/**
 * Does what an LSTM, GRU or RNN of a file does, with every attribute they have: either or both directions, `layout`, lengths,
 * peepholes, `linear_before_reset`, `input_forget`, `clip` and all activations. Inputs are given in the operator's order, X, W, R,
 * B, sequence_lens, initial_h (and for an LSTM initial_c, P), null for what is left out; outputs are Y, Y_h (and Y_c), and belong
 * to the caller's scope. Differentiable in all floats.
 * @throws OnnxError when the node is no such operator or has attributes that make no sense; ArgumentError, ShapeError when the
 * inputs do not fit it.
 */
export function runRecurrentNode(node: OnnxNode, inputs: readonly (Tensor | null)[]): Tensor[] {
  requireNode(node, inputs);
  const settings = settingsOf(node);
  return scope(() => {
    const given = inputsOf(settings, inputs);
    const time = given.x.shape[0] as number;
    const mask = given.lengths && maskOf(given.lengths, time, given.x);
    const directions = settings.direction === 'bidirectional' ? 2 : 1;
    const results = Array.from({ length: directions }, (_, index) => {
      const reverse = settings.direction === 'reverse' || index === 1;
      return runDirection(settings, given, mask, index, reverse);
    });
    const y = stack(
      results.map(({ output }) => output),
      1,
    );
    const after = given.initial.map((_, state) => stack(results.map(({ carry }) => carry[state] as Tensor)));
    if (!settings.batchwise) return [y, ...after];
    return [transpose(y, [2, 0, 1, 3]), ...after.map((state) => transpose(state, [1, 0, 2]))];
  });
}

function requireNode(node: unknown, inputs: unknown): void {
  const isNode = (node as Partial<OnnxNode> | null | undefined)?.attributes instanceof Map;
  if (isNode && Array.isArray(inputs)) return;
  throw new ArgumentError(
    'runRecurrentNode: wanted are a node of a file, such as readOnnx(bytes).nodes[0], and the list of its inputs, tensors or null.',
  );
}

function runDirection(
  settings: RecurrentSettings,
  { x, w, r, b, initial, p }: Inputs,
  mask: Tensor | null,
  direction: number,
  reverse: boolean,
): { readonly output: Tensor; readonly carry: States } {
  const hidden = r.shape[2] as number;
  const batch = x.shape[1] as number;
  const like = { dtype: w.dtype as 'f32', backend: w.backend };
  const carry = initial.map((state) => (state === null ? zeros([batch, hidden], like) : row(state, direction)));
  const biases = b && row(b, direction);
  if (beyondLayers(settings, p !== null) === null) {
    const { weight_ih, weight_hh, bias_ih, bias_hh } = directionParams(settings, { w, r, b }, direction);
    return recurrent({
      cell: layerCell(settings),
      input: x,
      carry,
      weightIh: weight_ih,
      weightHh: weight_hh,
      biasIh: bias_ih ?? null,
      biasHh: bias_hh ?? null,
      mask,
      reverse,
    });
  }
  const rows = w.shape[1] as number;
  const weights = {
    w: row(w, direction),
    r: row(r, direction),
    wb: biases && sliceAxis(biases, 0, rows),
    rb: biases && sliceAxis(biases, rows, 2 * rows),
    p: p && row(p, direction),
  };
  const { alphas, betas } = settings;
  const all = activationsOf(settings.activations, alphas, betas);
  const each = all.length / (settings.direction === 'bidirectional' ? 2 : 1);
  const cell = operatorCell(settings, hidden, all.slice(direction * each, (direction + 1) * each));
  return scan(cell, weights, carry, x, { mask, reverse });
}

/** i32 `[time, batch]`: 1 in the first `lengths[b]` steps of row b. */
function maskOf(lengths: Tensor, time: number, { backend }: Tensor): Tensor {
  const steps = fromArray(
    Int32Array.from({ length: time }, (_, step) => step),
    [time, 1],
    { dtype: 'i32', backend },
  );
  return less(steps, reshape(lengths, [1, -1]));
}

/** Inputs with time first, each of the shape that it must have. */
function inputsOf(settings: RecurrentSettings, list: readonly (Tensor | null)[]): Inputs {
  const { operator, batchwise, direction, hiddenSize } = settings;
  const [x = null, w = null, r = null, b = null, lengths = null, h = null, c = null, p = null] = list;
  const isLstm = operator === 'LSTM';
  if (x === null || w === null || r === null || list.length > (isLstm ? 8 : 6)) {
    throw new ArgumentError(
      `${operator}: wanted X, W, R${isLstm ? ', B, sequence_lens, initial_h, initial_c, P' : ', B, sequence_lens, initial_h'}, of ` +
        `which X, W and R must be there, but was given ${list.length} inputs: ${list.map((each) => (each ? 'a tensor' : 'null')).join(', ')}.`,
    );
  }
  if (x.rank !== 3) {
    throw new ShapeError(
      `${operator}: X must be ${batchwise ? '[batch, time' : '[time, batch'}, inputs], but is ${formatShape(x.shape)}.`,
    );
  }
  const [first, second, size] = x.shape as [number, number, number];
  const batch = batchwise ? first : second;
  const hidden = hiddenSize ?? r.shape[2] ?? 0;
  const directions = direction === 'bidirectional' ? 2 : 1;
  const rows = gatesOf[operator] * hidden;
  const state = batchwise ? [batch, directions, hidden] : [directions, batch, hidden];
  const wanted: readonly [name: string, tensor: Tensor | null, shape: Shape][] = [
    ['W', w, [directions, rows, size]],
    ['R', r, [directions, rows, hidden]],
    ['B', b, [directions, 2 * rows]],
    ['sequence_lens', lengths, [batch]],
    ['initial_h', h, state],
    ['initial_c', c, state],
    ['P', p, [directions, 3 * hidden]],
  ];
  for (const [name, tensor, shape] of wanted) {
    if (tensor === null || sameShape(tensor.shape, shape)) continue;
    throw new ShapeError(
      `${operator}: ${name} should be ${formatShape(shape)} here, but is ${formatShape(tensor.shape)}.`,
    );
  }
  const timeFirst = (tensor: Tensor | null): Tensor | null =>
    tensor && batchwise ? transpose(tensor, [1, 0, 2]) : tensor;
  const initial = isLstm ? [timeFirst(h), timeFirst(c)] : [timeFirst(h)];
  return { x: timeFirst(x) as Tensor, w, r, b, lengths, initial, p };
}
