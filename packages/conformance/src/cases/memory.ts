import * as core from '@tempograd/core';
import type { RecurrentParams, Tensor } from '@tempograd/core';
import { makeTypedArray, sizeOf, type MemoryInfo, type Operand } from '@tempograd/core/backend';
import { floats } from '../host/HostArray.js';
import { defineCase, type CaseSpec, type ConformanceCase } from '../run/Case.js';
import { recurrentSubject } from '../subject/recurrentSubject.js';
import { ConformanceError } from '../check/ConformanceError.js';
import type { Check } from '../check/Check.js';

const spec = (op: string, title: string): CaseSpec => ({
  name: `${op}: memory, ${title}`,
  group: 'memory',
  op,
  kind: 'memory',
});
const exact = { measure: 'value', opClass: 'exact', what: 'the values' } as const;

/** Writes values by the backend itself, without core in between. */
function write(check: Check, values: readonly number[], shape = [values.length]): Operand {
  const data = makeTypedArray(check.dtype, sizeOf(shape));
  data.set(values);
  return { handle: check.context.backend.write(data, shape, check.dtype), shape, dtype: check.dtype };
}

/** One step of training an LSTM with Adam, as users do it. */
function trainingStep(
  state: { params: RecurrentParams; moments: Tensor[][] },
  input: Tensor,
  target: Tensor,
  step: number,
): void {
  const cell = core.lstmCell({ hiddenSize: 8 });
  core.scope(() => {
    const dtype = input.dtype as 'f32' | 'f64';
    const carry = cell.initialCarry(4, { dtype, backend: input.backend });
    const loss = (params: RecurrentParams): Tensor => {
      const difference = core.sub(core.scan(cell, params, carry, input).output, target);
      return core.mean(core.mul(difference, difference));
    };
    const { gradient } = core.valueAndGrad(loss)(state.params);
    const scale = core.minimum(1, core.div(1, core.globalNorm(gradient)));
    const controls = { learningRate: 0.01, step, scale };
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false };
    const gradients = core.treeLeaves(gradient);
    core.treeLeaves(state.params).forEach((parameter, index) => {
      const [moment1, moment2] = state.moments[index] as [Tensor, Tensor];
      const moments = { moment1, moment2, maxMoment2: null };
      core.adamStep(parameter, gradients[index] as Tensor, moments, controls, settings);
    });
  });
}

/** Memory of a backend: who owns what, and that nothing grows. Every other case returns to its baseline too. */
export const memoryCases: readonly ConformanceCase[] = [
  defineCase(spec('training', 'a repeated step holds nothing more'), async (check) => {
    const { backend } = check.context;
    const after: MemoryInfo[] = [];
    await check.device.run(() => {
      const options = { dtype: check.dtype };
      const params = {
        weight_ih: check.device.write(check.sample.floats([32, 3])),
        weight_hh: check.device.write(check.sample.floats([32, 8])),
        bias_ih: core.zeros([32], options),
        bias_hh: core.zeros([32], options),
      };
      const moments = core.treeLeaves(params).map((x) => [core.zerosLike(x), core.zerosLike(x)]);
      const input = check.device.write(check.sample.floats([3, 4, 3]));
      const target = check.device.write(check.sample.floats([3, 4, 8]));
      for (let step = 1; step <= 4; step++) {
        backend.resetPeak();
        trainingStep({ params, moments }, input, target, step);
        after.push(backend.memory());
      }
      return [];
    });
    const [, second, third, fourth] = after as [MemoryInfo, MemoryInfo, MemoryInfo, MemoryInfo];
    for (const [name, now, then] of [
      ['third', third, second],
      ['fourth', fourth, third],
    ] as const) {
      check.require(
        now.buffers === then.buffers && now.bytes === then.bytes && now.peakBytes === then.peakBytes,
        `after the ${name} training step ${JSON.stringify(now)}, after the one before ${JSON.stringify(then)}`,
      );
    }
  }),
  defineCase(spec('write', 'counts its bytes, and release gives them back'), (check) => {
    const { backend } = check.context;
    const before = backend.memory();
    backend.resetPeak();
    const x = write(
      check,
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const during = backend.memory();
    const bytes = 1000 * (check.dtype === 'f32' ? 4 : 8);
    backend.release(x.handle);
    const after = backend.memory();
    check.require(
      during.buffers === before.buffers + 1,
      `a written tensor made ${during.buffers - before.buffers} buffers`,
    );
    check.require(
      during.bytes - before.bytes >= bytes,
      `1000 elements of ${check.dtype} counted ${during.bytes - before.bytes} bytes, expected at least ${bytes}`,
    );
    check.require(
      after.peakBytes >= during.bytes,
      `the peak ${after.peakBytes} is below the ${during.bytes} bytes that were live`,
    );
    backend.resetPeak();
    check.require(
      backend.memory().peakBytes === after.bytes,
      `resetPeak left the peak at ${backend.memory().peakBytes} where ${after.bytes} bytes are live`,
    );
  }),
  defineCase(spec('write', 'copies the host array'), async (check) => {
    const { backend } = check.context;
    const data = makeTypedArray(check.dtype, 3);
    data.set([1, 2, 3]);
    const x = { handle: backend.write(data, [3], check.dtype), shape: [3], dtype: check.dtype };
    data.fill(9);
    const first = await backend.read(x);
    const copy = floats([3], first);
    first.fill(7);
    const second = floats([3], await backend.read(x));
    backend.release(x.handle);
    check.compareAll([copy, second], [floats([3], [1, 2, 3]), floats([3], [1, 2, 3])], exact);
  }),
  ...(['the source first', 'the view first'] as const).map((order) =>
    defineCase(spec('slice', `a view and its source are released on their own, ${order}`), async (check) => {
      const { backend } = check.context;
      const source = write(check, [1, 2, 3, 4, 5, 6], [3, 2]);
      const view = { handle: backend.slice(source, [1, 0], [2, 2]), shape: [2, 2], dtype: check.dtype };
      const flat = { handle: backend.reshape(source, [6]), shape: [6], dtype: check.dtype };
      const [first, ...others] = order === 'the source first' ? [source, view, flat] : [flat, view, source];
      backend.release((first as Operand).handle);
      // New storage may take the place of what was given back, and must not be seen through the others.
      const fresh = write(check, [9, 9, 9, 9, 9, 9], [3, 2]);
      const expected = new Map<Operand, readonly number[]>([
        [source, [1, 2, 3, 4, 5, 6]],
        [view, [3, 4, 5, 6]],
        [flat, [1, 2, 3, 4, 5, 6]],
      ]);
      for (const x of others) {
        check.compare(floats(x.shape, await backend.read(x)), floats(x.shape, expected.get(x) ?? []), exact);
        backend.release(x.handle);
      }
      backend.release(fresh.handle);
    }),
  ),
  defineCase(
    { ...spec('reshape', 'and a contiguous slice cost no bytes'), requires: { capability: 'views' } },
    (check) => {
      const { backend } = check.context;
      const source = write(
        check,
        Array.from({ length: 600 }, (_, i) => i),
        [30, 20],
      );
      const before = backend.memory().bytes;
      const views = [backend.reshape(source, [600]), backend.slice(source, [10, 0], [5, 20])];
      const after = backend.memory().bytes;
      for (const handle of [...views, source.handle]) backend.release(handle);
      check.require(
        after === before,
        `capabilities.views is true, but a reshape and a slice of rows cost ${after - before} bytes`,
      );
    },
  ),
  defineCase(spec('read', 'gives the values from before a later change in place'), async (check) => {
    const { backend } = check.context;
    const settings = { momentum: 0, nesterov: false, weightDecay: 0 };
    const [x, g] = [
      core.fromArray([1, 2], [2], { backend, dtype: check.dtype }),
      core.fromArray([10, 10], [2], { backend, dtype: check.dtype }),
    ];
    try {
      const early = x.read();
      core.sgdStep(x, g, { velocity: null }, { learningRate: 1, step: 1 }, settings);
      const [before, after] = [floats([2], await early), floats([2], await x.read())];
      check.compareAll([before, after], [floats([2], [1, 2]), floats([2], [-9, -8])], exact);
    } finally {
      x.dispose();
      g.dispose();
    }
  }),
  defineCase(spec('scope', 'an error leaves nothing behind'), async (check) => {
    const subject = recurrentSubject({
      cell: 'lstm',
      time: 3,
      batch: 2,
      inputs: 2,
      hidden: 2,
      bias: true,
      mask: 'none',
      reverse: false,
    });
    const inputs = subject.inputs(check.sample);
    const failing = check.device.run(() => {
      const loss = (xs: Tensor[]): Tensor => {
        const [output] = subject.apply(...xs) as readonly Tensor[];
        core.add(output as Tensor, core.zeros([5, 7], { dtype: check.dtype }));
        return core.sum(output as Tensor);
      };
      return core.grad(loss)(inputs.map((x) => check.device.write(x)));
    });
    const error: unknown = await failing.then(
      () => null,
      (cause: unknown) => cause,
    );
    if (!(error instanceof core.ShapeError)) throw new ConformanceError(`expected a ShapeError, got ${String(error)}`);
    check.require(true, '');
  }),
  defineCase({ ...spec('readSync', 'gives what read gives'), requires: { capability: 'syncRead' } }, async (check) => {
    const { backend } = check.context;
    const x = write(check, [1.5, -2, 3]);
    const now = backend.readSync?.(x) ?? [];
    const later = await backend.read(x);
    backend.release(x.handle);
    check.compare(floats([3], now), floats([3], later), exact);
  }),
];
