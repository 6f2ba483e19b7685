import {
  bytesPerElement,
  fusedFamilies,
  type Backend,
  type DType,
  type FusedFamily,
  type FusedOps,
  type Operand,
  type RecurrentArgs,
  type Result,
  type Shape,
} from '@tempograd/core/backend';
import type { PlannedHandle, PlannedMemory } from './PlannedMemory.js';
import { recurrentFootprint, type RecurrentFootprint, type WayBack } from './recurrentFootprint.js';

type X = Operand<PlannedHandle>;

/** Of the fused ops, the families that a backend has, planned; random numbers in any case, which else would be drawn on the host. */
export function plannedFusedOps(
  like: Backend,
  memory: PlannedMemory,
  make: (shape: Shape, dtype: DType) => PlannedHandle,
): Partial<FusedOps<PlannedHandle>> {
  const all = allFusedOps(like, memory, make);
  const present = (Object.keys(fusedFamilies) as FusedFamily[]).filter(
    (family) => family === 'randomUniform' || like[fusedFamilies[family][0]] !== undefined,
  );
  return Object.fromEntries(present.flatMap((family) => fusedFamilies[family].map((name) => [name, all[name]])));
}

function allFusedOps(
  like: Backend,
  memory: PlannedMemory,
  make: (shape: Shape, dtype: DType) => PlannedHandle,
): FusedOps<PlannedHandle> {
  const same = (x: X): PlannedHandle => make(x.shape, x.dtype);
  const result = (shape: Shape, dtype: DType): Result<PlannedHandle> => ({ handle: make(shape, dtype), shape, dtype });
  /** Takes so many bytes beside the results, and gives them back. */
  const workWith = (bytes: number): void => {
    if (bytes > 0) memory.release(memory.as('scratch', () => memory.allocate(bytes)));
  };
  const footprints = footprintsOf(like);
  const footprint = (args: RecurrentArgs, save: boolean, back: WayBack): RecurrentFootprint => {
    const name = signature(args, save, back);
    const found = footprints.get(name) ?? recurrentFootprint(like, args, save, back);
    footprints.set(name, found);
    return found;
  };
  return {
    recurrentForward(args, save) {
      const { input, carry, weightHh } = args;
      const { saved, outputIn, forward } = footprint(args, save, null);
      const { dtype } = weightHh;
      const [batch, hidden] = [input.shape[1] as number, weightHh.shape[1] as number];
      const makeSaved = (bytes: number): Result<PlannedHandle> => ({
        handle: memory.allocate(bytes),
        shape: [bytes / bytesPerElement(dtype)],
        dtype,
      });
      const kept = save ? saved.map(makeSaved) : null;
      const holder = kept?.[outputIn];
      const over = [input.shape[0] as number, batch, hidden];
      const output =
        holder === undefined ? result(over, dtype) : { handle: memory.share(holder.handle), shape: over, dtype };
      const final = carry.map(() => result([batch, hidden], dtype));
      workWith(forward);
      return { output, carry: final, saved: kept };
    },
    recurrentBackward(args) {
      const { input, carry, weightIh, weightHh, biasIh, biasHh, wants, into } = args;
      const { dtype } = weightHh;
      const of = (x: X | null, wanted: boolean): Result<PlannedHandle> | null =>
        wanted && x !== null ? result(x.shape, dtype) : null;
      /** What is added to a gradient so far comes back as none. */
      const weight = (x: X | null, soFar: X | null | undefined): Result<PlannedHandle> | null =>
        of(x, wants.weights && !soFar);
      const over = [...input.shape.slice(0, 2), weightHh.shape[1] as number];
      const gradients = {
        input: of(input, wants.input),
        carry: wants.carry ? carry.map((x) => result(x.shape, dtype)) : null,
        weightIh: weight(weightIh, into?.weightIh),
        weightHh: weight(weightHh, into?.weightHh),
        biasIh: weight(biasIh, into?.biasIh),
        biasHh: weight(biasHh, into?.biasHh),
        delta: wants.delta ? result(over, dtype) : null,
      };
      workWith(footprint(args, true, { wants, into: into ?? null }).backward);
      return gradients;
    },
    // What a compiled segment keeps is its backend's to say: the plan is that of the same steps one after another.
    compileSegment: () => null,
    linearScanForward: (a) => same(a),
    linearScanBackward: (a, h, h0) => ({ a: same(a), b: same(h), h0: same(h0) }),
    softmaxCrossEntropy: (logits, targets, _smoothing, wantGradient) => ({
      loss: make(targets.shape, logits.dtype),
      gradient: wantGradient ? same(logits) : null,
    }),
    linearForward: (x, weight) => make([...x.shape.slice(0, -1), weight.shape[0] as number], x.dtype),
    linearBackward: (x, weight, _cotangent, wants) => ({
      x: wants.x ? same(x) : null,
      weight: wants.weight ? same(weight) : null,
      bias: wants.bias ? make(weight.shape.slice(0, 1), x.dtype) : null,
    }),
    layerNormForward(x) {
      const rows = x.shape.slice(0, 1);
      return { output: same(x), mean: make(rows, x.dtype), rstd: make(rows, x.dtype) };
    },
    layerNormBackward: (x, weight) => ({ x: same(x), weight: same(weight), bias: same(weight) }),
    adamSteps: () => undefined,
    sgdSteps: () => undefined,
    rmspropSteps: () => undefined,
    globalNorm: ([first]) => make([], (first as X).dtype),
    randomUniform: (shape, dtype) => make(shape, dtype),
  };
}

/** What was tried out on a backend before. */
const known = new WeakMap<Backend, Map<string, RecurrentFootprint>>();

function footprintsOf(backend: Backend): Map<string, RecurrentFootprint> {
  const footprints = known.get(backend) ?? new Map<string, RecurrentFootprint>();
  known.set(backend, footprints);
  return footprints;
}

/** All that a footprint depends on, on one backend. */
function signature(
  { cell, reverse, input, carry, weightIh, weightHh, biasIh, mask }: RecurrentArgs,
  save: boolean,
  back: WayBack,
): string {
  const into = back?.into && Object.values(back.into).map((x) => x !== null);
  return JSON.stringify([
    [cell, reverse, save, mask === null, biasIh === null, carry.length, back?.wants, into],
    [input.shape, input.dtype, weightIh.shape, weightHh.shape, weightHh.dtype],
  ]);
}
