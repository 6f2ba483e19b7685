import type { Key, Shape, StepContext, Tensor } from '@tempograd/core';
import type { InitOptions } from '../parameter.js';
import type { ResolvedOptions } from './options.js';
import type { RecurrentLayerParams, Suffix } from './params.js';

/** One layer's run in one direction. */
export interface LayerRun {
  /** `[time, batch, inputs]`, or row numbers where there is a table. */
  readonly input: Tensor;
  /** The leaves of the carry, `[batch, …]` each. */
  readonly carry: readonly Tensor[];
  readonly mask: Tensor | null;
  readonly reverse: boolean;
  readonly table: Tensor | null;
  /** Where it lies in its sequence, with random numbers of its own, which are made where they are asked for. */
  context(): StepContext | null;
}

/** What a stack of recurrent layers is made of. `C` is a stack's carry: a tree of `[layers · directions, batch, …]`. */
export interface StackedCell<C> {
  /** As messages name it. */
  readonly name: string;
  /** Names and shapes of the parameters of all layers and directions. */
  shapes(options: ResolvedOptions): Iterable<readonly [name: string, shape: Shape]>;
  init(options: ResolvedOptions, key: Key, where: InitOptions): RecurrentLayerParams;
  /** The carry that a sequence starts with. */
  startCarry(options: ResolvedOptions, params: RecurrentLayerParams, batch: number): C;
  /** Runs the layer whose parameters end in `suffix` → output `[time, batch, hidden]`, 0 at masked steps, and the carry's leaves. */
  run(
    options: ResolvedOptions,
    params: RecurrentLayerParams,
    suffix: Suffix,
    run: LayerRun,
  ): { readonly output: Tensor; readonly carry: readonly Tensor[] };
}
