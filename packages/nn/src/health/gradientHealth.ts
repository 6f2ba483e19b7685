import {
  ArgumentError,
  disposeTree,
  fullBptt,
  keep,
  readGradientByLag,
  scope,
  timeOf,
  type Key,
  type SequenceTask,
  type Strategy,
  type Tensor,
} from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { gradientCosine } from './gradientCosine.js';
import type { GradientHealth, LayerHealth } from './healthTypes.js';
import { HealthProbe } from './HealthProbe.js';
import { lastLossByTime } from './lastLossByTime.js';
import { lyapunovExponents } from './lyapunovExponents.js';
import { spectralRadius as radiiOf } from './spectralRadius.js';
import { firstRow, stateJacobians } from './stateJacobians.js';

/** What to measure, and where to start. */
export interface GradientHealthOptions<C = unknown> {
  /** The carry to start from; default is the task's initial one. */
  readonly carry?: C;
  /** Random numbers of the run; default is none. */
  readonly key?: Key | null;
  /** What the gradient is divided by; default is 1: of the summed loss. */
  readonly normaliser?: number;
  /** A strategy whose gradient is compared with the full one, as `cosine`; default is none. */
  readonly strategy?: Strategy;
  /** Whether the loss of the last step is pulled back by itself, as `byLag`; default is true. */
  readonly byLag?: boolean;
  /** Whether gates are looked at; default is true. */
  readonly saturation?: boolean;
  /** At how many steps the state's Jacobian is looked at, of the first row; default is 4, and 0 is none. */
  readonly spectralRadius?: number;
  /** How many Lyapunov exponents, along the first row; default is 1, and 0 is none. */
  readonly lyapunov?: number;
}

const healthTable = optionTable<GradientHealthOptions>({
  carry: 'tree',
  key: 'key or null',
  normaliser: 'number',
  strategy: { wanted: 'a strategy, such as truncatedBptt({ updateEvery: 20 })', members: ['start'] },
  byLag: 'boolean',
  saturation: 'boolean',
  spectralRadius: 'number',
  lyapunov: 'number',
});

/**
 * How the gradients of a task are doing on a stretch: one full forward and backward pass, and what else is asked for. No step is taken. Layers of
 * standard cells are seen in whole kernels; where there are none, of a cell of one's own, each leaf of the carry is a layer, which has `byLag` and the
 * spectral radius of the whole state. Radius and exponents are of the first row, from the initial carry on. On every backend, each read awaited.
 */
export async function gradientHealth<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: NoInfer<P>,
  stretch: NoInfer<S>,
  options: GradientHealthOptions<C> = {},
): Promise<GradientHealth> {
  checkOptions('gradientHealth', options, healthTable);
  const { strategy, carry, key = null, normaliser = 1, byLag = true, saturation = true, lyapunov = 1 } = options;
  const counts = { spectralRadius: options.spectralRadius ?? 4, lyapunov };
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new ArgumentError(`gradientHealth: ${name} must be a whole number ≥ 0, but is ${value}.`);
  }
  if (!(normaliser > 0)) throw new ArgumentError(`gradientHealth: normaliser must be above 0, but is ${normaliser}.`);
  const begin = carry === undefined ? { key } : { key, carry };
  const found = await passOf(task, params, stretch, begin, { saturation, normaliser });
  const forward = task.causal !== false;
  const time = timeOf(stretch);
  const layers = byLag && forward ? await withLags(found.layers) : found.layers;
  const row = firstRow(task, params, stretch, key);
  const radii = forward && counts.spectralRadius > 0 ? await radiiByLayer() : [];
  const exponents = forward && lyapunov > 0 ? await exponentsOf() : null;
  return {
    ...found,
    layers: layers.map((layer, index) => {
      const radius = radii.length === layers.length ? radii[index] : found.layers.length === 0 ? radii[0] : undefined;
      return { ...layer, spectralRadius: radius ?? null };
    }),
    lyapunov: exponents,
    cosine: strategy ? (await gradientCosine(task, params, stretch, strategy, begin)).cosine : null,
  };

  async function withLags(seen: readonly LayerHealth[]): Promise<LayerHealth[]> {
    if (seen.length === 0) {
      const { states } = await readGradientByLag(task, params, stretch, begin);
      return Object.entries(states).map(([name, norms]) => stateLayer(name, scaled(norms)));
    }
    const byTime = lastLossByTime(task, params, stretch, { carry: carry ?? null, key });
    try {
      const norms = await Promise.all([...byTime].map(async ([name, tensor]) => [name, await tensor.read()] as const));
      const known = new Map<string, ArrayLike<number>>(norms);
      return seen.map((layer) => {
        const of = known.get(layer.name);
        return of === undefined ? layer : { ...layer, byLag: scaled(Array.from(of).reverse()) };
      });
    } finally {
      for (const tensor of byTime.values()) tensor.dispose();
    }
  }

  function scaled(norms: readonly number[]): number[] {
    return norms.map((norm) => norm / normaliser);
  }

  async function exponentsOf(): Promise<number[]> {
    const start = scope(() => keep(row.start()));
    try {
      return await lyapunovExponents(row.step, start, { steps: time, count: lyapunov });
    } finally {
      disposeTree(start);
    }
  }

  async function radiiByLayer(): Promise<number[]> {
    const count = Math.min(counts.spectralRadius, time);
    const steps = Array.from({ length: count }, (_, index) => Math.floor(((index + 1) * time) / count) - 1);
    const jacobians = stateJacobians(row, steps, Math.max(1, found.layers.length));
    try {
      const each = await Promise.all(jacobians.map((matrices: Tensor) => radiiOf(matrices)));
      return each.map((of) => of.reduce((a, b) => a + b, 0) / of.length);
    } finally {
      disposeTree(jacobians);
    }
  }
}

/** One full pass, looked at. */
async function passOf<P, C, S, O>(
  task: SequenceTask<P, C, S, O>,
  params: P,
  stretch: S,
  begin: { readonly key: Key | null; readonly carry?: C },
  { saturation, normaliser }: { readonly saturation: boolean; readonly normaliser: number },
): Promise<GradientHealth> {
  const probe = new HealthProbe<P>({ saturation, limit: null });
  const run = fullBptt().start(task, begin);
  try {
    // A full pass has its one update when the sequence ends.
    run.push(params, stretch).next();
    const updates = run.finish(params);
    const next = probe.backward(params, () => updates.next());
    if (next.done === true) throw new ArgumentError('gradientHealth: the stretch has no step.');
    const { gradient, parameterSteps } = next.value;
    probe.step({ params, gradient, factor: 1 / normaliser }, () => undefined);
    updates.return();
    const { boundedBy: _, ...found } = await probe.read({ update: 0, parameterSteps });
    const parameters = found.parameters?.map((each) => ({ ...each, update: null })) ?? null;
    return { ...found, update: null, parameters, clipping: null };
  } finally {
    probe.dispose();
    run.dispose();
  }
}

function stateLayer(name: string, byLag: readonly number[]): LayerHealth {
  return {
    name: name === '' ? 'state' : name,
    steps: null,
    byTime: null,
    byLag,
    saturation: null,
    dead: null,
    spectralRadius: null,
  };
}
