import type { Gpu } from '../engine/Gpu.js';
import type { Kernel, Variant } from '../engine/Kernel.js';
import type { PooledBuffer } from '../memory/Handle.js';
import type { Axis } from './joinAxes.js';

/** A kernel that includes walk.wgsl, and which variant of it. */
export interface WalkProgram {
  readonly kernel: Kernel;
  readonly key: string;
  readonly variant: (() => Variant) | null;
}

/** What a kernel walks through. */
export interface Walk {
  readonly axes: readonly Axis[];
  /** Where it begins: in the operands, and in the result. */
  readonly starts: readonly [a: number, b: number, c: number, result: number];
  /** Which operands are numbers: a sum of 1, 2 and 4. Default none. */
  readonly numbers?: number;
  /** These numbers, each in its operand's place. */
  readonly values?: readonly [a: number, b: number, c: number];
  /** The numbers are integers. Default false. */
  readonly integers?: boolean;
}

/** Axes that a kernel can walk. */
const mostAxes = 8;
/** Elements of a workgroup, whose threads do four each. */
const groupSize = 1024;
const noNumbers = [0, 0, 0] as const;

/** Runs a kernel over all elements of a walk; where it has more axes than a kernel takes, piece by piece. */
export function runWalk(gpu: Gpu, program: WalkProgram, walk: Walk, buffers: readonly PooledBuffer[]): void {
  const { axes, starts, numbers = 0, values = noNumbers, integers = false } = walk;
  let inside = 1;
  for (let i = 0; i < axes.length - 1; i++) inside *= (axes[i] as Axis)[0];
  const [length, a, b, c] = axes.at(-1) as Axis;
  if (axes.length > mostAxes) {
    const rest = axes.slice(0, -1);
    for (let i = 0; i < length; i++) {
      const at = [starts[0] + i * a, starts[1] + i * b, starts[2] + i * c, starts[3] + i * inside] as const;
      runWalk(gpu, program, { ...walk, axes: rest, starts: at }, buffers);
    }
    return;
  }
  const size = inside * length;
  const params = gpu.begin().ints(size, axes.length, numbers, 0).list(starts);
  if (integers) params.list(values).ints(0);
  else params.floats(...values, 0);
  for (let i = 0; i < axes.length; i++) params.list(axes[i] as Axis);
  gpu.runLinear(program.kernel, program.key, program.variant, buffers, Math.ceil(size / groupSize));
}
