import type { Backend, FusedOps, RequiredOps } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';
import { elementwiseOps } from './elementwise.js';
import { linearScanOps } from './linearScan.js';
import { optimiserOps } from './optimisers.js';
import { productOps } from './product.js';
import { randomOps } from './random.js';
import { recurrentOps } from './recurrent.js';
import { reduceOps } from './reduce.js';
import { rowNormOps } from './rowNorm.js';
import { rowOps } from './rows.js';
import { shapeOps } from './shape.js';
import { storageOps } from './storage.js';

/** All ops of the contract that this backend has. */
export type WasmOps = RequiredOps<Handle> &
  Omit<FusedOps<Handle>, 'compileSegment'> &
  Required<Pick<Backend<Handle>, 'readSync' | 'dispose'>>;

/** The ops on an engine. */
export function opsOf(engine: Engine): WasmOps {
  // The functions' types leave fused ops open, as the contract does.
  return {
    // These have one result, and nothing can fail once they have its storage.
    ...storageOps(engine),
    ...elementwiseOps(engine),
    ...shapeOps(engine),
    ...rowOps(engine),
    ...optimiserOps(engine),
    ...attempted(engine, {
      ...reduceOps(engine),
      ...productOps(engine),
      ...recurrentOps(engine),
      ...linearScanOps(engine),
      ...rowNormOps(engine),
      ...randomOps(engine),
    }),
  } as WasmOps;
}

type Op = (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => unknown;

/** The same ops, each of which leaves nothing behind where it throws. None has more than five arguments; a list of them would cost more. */
function attempted<Ops extends object>({ heap }: Engine, ops: Ops): Ops {
  const all = Object.entries(ops) as [string, Op][];
  const each = all.map(([name, op]): [string, Op] => [name, (a, b, c, d, e) => heap.attempt(op, a, b, c, d, e)]);
  return Object.fromEntries(each) as Ops;
}
