import { disposeTree, type Tensor } from '@tempograd/core';
import type { DataPosition, DataSource } from '../../src/index.js';

/** One row of a sequence, put together again from its stretches: the steps that its mask leaves in. */
export interface Row {
  readonly inputs: Record<string, number[][]>;
  /** Of every step; null where its loss does not count. */
  readonly targets: (number[] | null)[];
}

/** What a source gives, as plain numbers. */
export interface Given {
  readonly shape: readonly number[];
  readonly ends: boolean;
  readonly items: number | undefined;
  readonly inputs: Record<string, number[][][]>;
  readonly targets: number[][][];
  readonly mask: number[][] | null;
  readonly lossMask: number[][] | null;
}

interface Stretch {
  readonly inputs: unknown;
  readonly targets: Tensor;
  readonly mask: Tensor | null;
  readonly lossMask?: Tensor | null;
}

/** All that a source gives from a position on. */
export async function readStretches(
  source: DataSource<Stretch>,
  position: DataPosition = { epoch: 0, index: 0 },
): Promise<Given[]> {
  const all: Given[] = [];
  for await (const { stretch, ends, items } of source.open(position, { dtype: 'f64' })) {
    const { inputs, targets, mask, lossMask = null } = stretch;
    const named = 'shape' in (inputs as object) ? { '': inputs as Tensor } : (inputs as Record<string, Tensor>);
    all.push({
      shape: targets.shape,
      ends,
      items,
      inputs: Object.fromEntries(Object.entries(named).map(([name, x]) => [name, nested(x)])),
      targets: nested(targets),
      mask: mask && nested(mask).map((step) => step.map(([value]) => value as number)),
      lossMask: lossMask && nested(lossMask).map((step) => step.map(([value]) => value as number)),
    });
    disposeTree(stretch);
  }
  return all;
}

/** The rows of every sequence, in the order in which they came. */
export function rowsOf(stretches: readonly Given[]): Row[][] {
  const sequences: Row[][] = [];
  let open: Row[] | null = null;
  for (const { inputs, targets, mask, lossMask, shape, ends } of stretches) {
    const [time = 0, batch = 0] = shape;
    open ??= Array.from({ length: batch }, () => ({
      inputs: Object.fromEntries(Object.keys(inputs).map((name) => [name, []])),
      targets: [],
    }));
    for (let step = 0; step < time; step++) {
      for (const [at, row] of open.entries()) {
        if (mask?.[step]?.[at] === 0) continue;
        for (const [name, values] of Object.entries(inputs))
          row.inputs[name]?.push((values[step] as number[][])[at] as number[]);
        const target = (targets[step] as number[][])[at] as number[];
        const counts = lossMask?.[step]?.[at] !== 0 && !(shape.length === 2 && (target[0] as number) < 0);
        row.targets.push(counts ? target : null);
      }
    }
    if (!ends) continue;
    sequences.push(open);
    open = null;
  }
  if (open !== null) throw new Error('The last sequence does not end.');
  return sequences;
}

/** `[time][batch][features]`; of a tensor without features, one each. */
function nested(x: Tensor): number[][][] {
  const [time = 0, batch = 0, features = 1] = x.shape;
  const values = [...x.readSync()];
  return Array.from({ length: time }, (_, step) =>
    Array.from({ length: batch }, (__, row) => {
      const at = (step * batch + row) * features;
      return values.slice(at, at + features);
    }),
  );
}
