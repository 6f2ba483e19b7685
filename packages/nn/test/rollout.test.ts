import { checkTask } from '@tempograd/conformance';
import {
  add,
  bernoulli,
  concat,
  foldIn,
  foldInName,
  fromArray,
  fullBptt,
  key,
  linear,
  lstmCell,
  row,
  scope,
  sliceAxis,
  stack,
  sub,
  sum,
  mul,
  treeEntries,
  truncatedBptt,
  uniformValues,
  valueAndGrad,
  zeros,
  type LstmCarry,
  type Tensor,
} from '@tempograd/core';
import { describe, expect, it } from 'vitest';
import {
  adam,
  fit,
  rollout,
  sequenceModel,
  windows,
  type Checkpoint,
  type RolloutOptions,
  type SequenceModelParams,
} from '../src/index.js';
import { expectClose, withFreshBackend } from './support/close.js';

const [time, batch, features] = [6, 3, 2];
const context = { from: 0, key: null };
const numbers = (seed: number, shape: number[]): Tensor =>
  fromArray(
    Float64Array.from(
      uniformValues(
        key(seed),
        shape.reduce((a, b) => a * b, 1),
      ),
      (value) => 2 * value - 1,
    ),
    shape,
    { dtype: 'f64' },
  );

const config = { input: { features }, hidden: 4, outputs: features };
const setUp = () => {
  const model = sequenceModel(config);
  const params = model.init(key(1), { dtype: 'f64' });
  const stretch = { inputs: numbers(2, [time, batch, features]), targets: numbers(3, [time, batch, features]) };
  return { model, params, stretch };
};

/** The loss, summed, by a loop over the cell; `forced(step)` has 1 for the rows that read the stretch. */
function byHand(
  { rnn, head }: SequenceModelParams,
  { inputs, targets }: { readonly inputs: Tensor; readonly targets: Tensor },
  forced: (step: number) => readonly number[],
): Tensor {
  const weights = {
    weight_ih: rnn.weight_ih_l0!,
    weight_hh: rnn.weight_hh_l0!,
    bias_ih: rnn.bias_ih_l0!,
    bias_hh: rnn.bias_hh_l0!,
  };
  const cell = lstmCell({ hiddenSize: 4 });
  let carry: LstmCarry = { h: zeros([batch, 4], { dtype: 'f64' }), c: zeros([batch, 4], { dtype: 'f64' }) };
  let predicted = zeros([batch, features], { dtype: 'f64' });
  let total = zeros([], { dtype: 'f64' });
  for (let step = 0; step < inputs.shape[0]!; step++) {
    const own = row(inputs, step);
    const choice = forced(step);
    const reads = stack(choice.map((given, index) => row(given ? own : predicted, index)));
    const { carry: after, output } = cell.step(weights, carry, reads, { key: null, time: step });
    carry = after;
    predicted = linear(output, head.weight!, head.bias);
    const error = sub(predicted, row(targets, step));
    total = add(total, sum(mul(error, error)));
  }
  return total;
}

/** The task's loss of a whole stretch. */
const lossOf =
  (options: RolloutOptions, at: { readonly from: number; readonly key: ReturnType<typeof key> | null } = context) =>
  (
    params: SequenceModelParams,
    stretch: { readonly inputs: Tensor; readonly targets: Tensor; readonly mask?: Tensor },
  ) => {
    const task = rollout(sequenceModel(config), options);
    const { output } = task.forward(params, task.initialCarry(params, stretch), stretch, at);
    return task.loss(params, output, stretch, at);
  };

function expectSameGradients(a: object, b: object): void {
  const wanted = new Map(treeEntries(b));
  for (const [path, tensor] of treeEntries(a)) expectClose(tensor, wanted.get(path)!.readSync(), 1e-10, path);
}

describe('rollout', () => {
  withFreshBackend();

  it.each([
    ['its own predictions', {}, null, (step: number) => [step, step, step].map((at) => Number(at < 1))],
    ['after three given steps', { given: 3 }, null, (step: number) => [step, step, step].map((at) => Number(at < 3))],
    ['with teacher forcing throughout', { teacherForcing: 1 }, key(5), () => [1, 1, 1]],
    [
      'with choices drawn',
      { teacherForcing: 0.5 },
      key(5),
      (step: number) =>
        step === 0
          ? [1, 1, 1]
          : [...bernoulli(foldIn(foldInName(key(5), 'teacherForcing'), step), 0.5, [1, batch, 1]).readSync()],
    ],
    [
      'as in evaluation, without a key',
      { teacherForcing: 1 },
      null,
      (step: number) => [step, step, step].map((at) => Number(at < 1)),
    ],
  ] as const)('gives the loss and the gradients of a loop by hand: %s', (_, options, name, forced) =>
    scope(() => {
      const { params, stretch } = setUp();
      const task = valueAndGrad((p: SequenceModelParams) => lossOf(options, { from: 0, key: name })(p, stretch))(
        params,
      );
      const hand = valueAndGrad((p: SequenceModelParams) => byHand(p, stretch, forced))(params);
      expectClose(task.value, hand.value.readSync(), 1e-12);
      expectSameGradients(task.gradient, hand.gradient);
    }),
  );

  it('is the model itself with teacher forcing throughout', () =>
    scope(() => {
      const { model, params, stretch } = setUp();
      const at = { from: 0, key: key(1) };
      const { output } = model.forward(params, model.initialCarry(params, stretch), stretch, at);
      const wanted = model.loss(params, output, stretch, at);
      expectClose(lossOf({ teacherForcing: 1 }, at)(params, stretch), wanted.readSync(), 1e-12);
    }));

  it('reads what feed makes of a prediction and of what is known', () =>
    scope(() => {
      const model = sequenceModel({ ...config, outputs: 1 });
      const params = model.init(key(1), { dtype: 'f64' });
      const stretch = { inputs: numbers(2, [time, batch, 2]), targets: numbers(3, [time, batch, 1]) };
      const feed = (predicted: Tensor, inputs: Tensor): Tensor => concat([predicted, sliceAxis(inputs, 1, 2, 2)], 2);
      const task = rollout(model, { feed });
      const { output } = task.forward(params, task.initialCarry(params, stretch), stretch, context);
      let carry = model.initialCarry(params, stretch);
      let reads = sliceAxis(stretch.inputs, 0, 1);
      const outputs: Tensor[] = [];
      for (let step = 0; step < time; step++) {
        const one = model.forward(params, carry, { inputs: reads }, context);
        carry = one.carry;
        outputs.push(one.output);
        if (step + 1 < time)
          reads = feed(model.logits(params, one.output), sliceAxis(stretch.inputs, step + 1, step + 2));
      }
      expectClose(output, concat(outputs).readSync(), 1e-12);
    }));

  it('passes masked steps by, and begins where a row does', () =>
    scope(() => {
      const { params, stretch } = setUp();
      const mask = fromArray(
        [0, 0, 1, 1, 1, 1].flatMap((value) => [value, value, value]),
        [time, batch],
        { dtype: 'i32' },
      );
      const later = {
        inputs: sliceAxis(stretch.inputs, 2, time),
        targets: sliceAxis(stretch.targets, 2, time),
      };
      const loss = lossOf({ given: 2 });
      expectClose(loss(params, { ...stretch, mask }), loss(params, later).readSync(), 1e-12);
    }));

  it.each([{}, { teacherForcing: 0.5, given: 2 }])('keeps what strategies rely on: %o', async (options) => {
    const { model, params, stretch } = setUp();
    const task = rollout(model, options);
    const { notPromised } = await checkTask(task, params, stretch);
    expect(notPromised).toEqual([]);
    const mask = fromArray([1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0], [time, batch], { dtype: 'i32' });
    await checkTask(task, params, { ...stretch, mask });
    for (const tensor of [mask, ...treeEntries([params, stretch]).map(([, leaf]) => leaf)]) tensor.dispose();
  });

  it('is trained by fit, with a schedule, and goes on bit for bit', async () => {
    const series = Float64Array.from({ length: 60 }, (_, t) => Math.sin(t / 2));
    const model = sequenceModel({ input: { features: 1 }, cell: 'gru', hidden: 4, outputs: 1 });
    const saved: Checkpoint[] = [];
    async function losses(updates: number, resume: Checkpoint | null): Promise<number[]> {
      let probability = 1;
      const params = model.init(key(1));
      const given: number[] = [];
      const training = fit({
        task: rollout(model, { given: 3, teacherForcing: () => probability }),
        params,
        data: windows(series, { length: 8, batch: 4 }),
        strategy: truncatedBptt({ updateEvery: 4 }),
        optimiser: adam({ learningRate: 0.01 }),
        updates,
        resume,
        checkpoint: { store: { save: async (each) => void saved.push(each), load: async () => null }, every: 4 },
      });
      probability = 1 / (1 + (resume === null ? 0 : 4));
      for await (const { update, loss } of training) {
        probability = 1 / (1 + update);
        given.push(loss);
      }
      for (const [, leaf] of treeEntries(params)) leaf.dispose();
      return given;
    }
    const whole = await losses(8, null);
    expect(whole.length).toBe(8);
    const [first] = saved.splice(0);
    expect(await losses(8, first as Checkpoint)).toEqual(whole.slice(4));
  });

  it('refuses in words what cannot be fed back', () => {
    const { model, params, stretch } = setUp();
    for (const [call, message] of [
      [
        () => rollout(sequenceModel({ input: { vocabulary: 4, embedding: 2 }, hidden: 2, outputs: 4 })),
        /reads features, predicts numbers/,
      ],
      [() => rollout(sequenceModel({ ...config, bidirectional: true })), /runs forward/],
      [() => rollout(sequenceModel({ ...config, pooling: 'mean' })), /does not pool/],
      [() => rollout(sequenceModel({ ...config, outputs: 1 })), /reads 2 features and predicts 1/],
      [() => rollout(model, { given: 0 }), /given must be a whole number ≥ 1, but is 0/],
      [() => rollout(model, { teacherForcing: 2 }), /probability from 0 to 1, but is 2/],
      [() => rollout(model, { teacherForcing: NaN }), /probability from 0 to 1, but is NaN/],
      [() => lossOf({ teacherForcing: () => -1 })(params, stretch), /probability from 0 to 1, but is -1/],
      [() => rollout(model, { teacher_forcing: 1 } as never), /teacher_forcing/],
    ] as const) {
      scope(() => expect(call).toThrow(message));
    }
    for (const [, leaf] of treeEntries([params, stretch])) leaf.dispose();
  });
});

/** Full backpropagation sees the whole of a rollout. */
describe('rollout under fullBptt', () => {
  withFreshBackend();
  it('learns to go on by itself', async () => {
    const series = Float64Array.from({ length: 80 }, (_, t) => Math.sin(t / 3));
    const model = sequenceModel({ input: { features: 1 }, cell: 'gru', hidden: 8, outputs: 1 });
    const params = model.init(key(2));
    const training = fit({
      task: rollout(model, { given: 4 }),
      params,
      data: windows(series, { length: 12, batch: 34 }),
      strategy: fullBptt(),
      optimiser: adam({ learningRate: 0.03 }),
      epochs: 60,
    });
    const losses: number[] = [];
    for await (const { loss } of training) losses.push(loss);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 3);
    for (const [, leaf] of treeEntries(params)) leaf.dispose();
  });
});
