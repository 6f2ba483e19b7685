import { gateCount, sizeOf, type Operand, type RecurrentCell, type Shape } from '@tempograd/core/backend';
import { afterEach, describe, expect, test } from 'vitest';
import { integers, numbers } from '../support/oracle.js';
import { describeVariants } from '../support/variants.js';

const weightNames = ['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const;
type Weights = Record<(typeof weightNames)[number], Operand<never> | null>;

describeVariants('gradients so far', (backend) => {
  const held = new Set<never>();

  function hold<T extends Operand<never> | null>(x: T): T {
    if (x !== null) held.add(x.handle);
    return x;
  }

  const make = (shape: Shape, seed: number): Operand<never> =>
    hold({ handle: backend().write(numbers(sizeOf(shape), seed), shape, 'f32') as never, shape, dtype: 'f32' });

  const rowNumbers = (shape: Shape, rows: number): Operand<never> => {
    const values = Int32Array.from(integers(shape, 2, -1, rows).values);
    return hold({ handle: backend().write(values, shape, 'i32') as never, shape, dtype: 'i32' });
  };

  afterEach(() => {
    for (const handle of held) backend().release(handle);
    held.clear();
    expect(backend().memory()).toMatchObject({ buffers: 0, bytes: 0 });
  });

  /** The backward pass of a segment, as a function of the gradients so far. */
  function backwardOf(cell: RecurrentCell, time: number, batch: number, table: boolean) {
    const [inputs, hidden, gates] = [5, 19, gateCount[cell] * 19];
    const args = {
      cell,
      reverse: false,
      input: table ? rowNumbers([time, batch], inputs) : make([time, batch, inputs], 1),
      carry: Array.from({ length: cell === 'lstm' ? 2 : 1 }, (_, i) => make([batch, hidden], 3 + i)),
      weightIh: make(table ? [inputs, gates] : [gates, inputs], 5),
      weightHh: make([gates, hidden], 6),
      biasIh: make([gates], 7),
      biasHh: make([gates], 8),
      mask: null,
    } as const;
    const { output, carry, saved } = backend().recurrentForward!(args, true);
    for (const x of [output, ...carry, ...saved!]) hold(x as Operand<never>);
    const soFar = (): Weights =>
      Object.fromEntries(weightNames.map((name, i) => [name, make(args[name].shape, 20 + i)])) as Weights;
    const run = (into: Weights | null): Weights => {
      const gradients = backend().recurrentBackward!({
        ...args,
        saved,
        outputCotangent: output,
        carryCotangents: args.carry.map(() => null),
        wants: { input: false, carry: false, weights: true, delta: false },
        into,
      } as never);
      return Object.fromEntries(weightNames.map((name) => [name, hold(gradients[name] as Operand<never>)])) as Weights;
    };
    return { run, soFar };
  }

  const bits = (x: Operand<never>): Float32Array => backend().readSync!(x) as Float32Array;

  describe.each(['rnnTanh', 'rnnRelu', 'lstm', 'gru'] as const)('%s', (cell) => {
    test.each([
      [1, 1],
      [1, 3],
      [5, 3],
      [16, 8],
      [43, 3],
      [129, 1],
      [2, 300],
      [3, 0],
    ])('over %i steps of %i rows, the same bits as added afterwards', (time, batch) => {
      for (const table of [false, true]) {
        const { run, soFar } = backwardOf(cell, time, batch, table);
        const apart = run(null);
        const [given, total] = [soFar(), soFar()];
        expect(Object.values(run(total))).toEqual([null, null, null, null]);
        for (const name of weightNames) {
          const sum = hold({ ...given[name]!, handle: backend().binary('add', given[name]!, apart[name]!) as never });
          expect(bits(total[name]!), name).toEqual(bits(sum));
        }
      }
    });
  });

  test('those that are not given come back', () => {
    for (const batch of [2, 200]) {
      const { run, soFar } = backwardOf('lstm', 2, batch, false);
      const apart = run(null);
      const [given, total] = [soFar(), soFar()];
      const some = run({ ...total, weightHh: null, biasIh: null });
      expect([some.weightIh, some.biasHh]).toEqual([null, null]);
      expect(bits(some.weightHh!)).toEqual(bits(apart.weightHh!));
      expect(bits(some.biasIh!)).toEqual(bits(apart.biasIh!));
      const sum = hold({
        ...given.weightIh!,
        handle: backend().binary('add', given.weightIh!, apart.weightIh!) as never,
      });
      expect(bits(total.weightIh!)).toEqual(bits(sum));
      expect(bits(total.weightHh!)).toEqual(bits(given.weightHh!));
    }
  });

  test('a short segment takes no tensor in between', () => {
    for (const table of [false, true]) {
      const { run, soFar } = backwardOf('gru', 1, 1, table);
      const total = soFar();
      backend().resetPeak();
      const { bytes } = backend().memory();
      run(total);
      expect(backend().memory().peakBytes).toBe(bytes);
    }
  });
});
