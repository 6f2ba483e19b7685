import { creditMatrix, scope, withBackend, withoutFusedOps, type CreditMatrix } from '@tempograd/core';
import type { Device } from '../check/Device.js';
import type { Kit } from '../run/Kit.js';
import { makeTask, writeParams, writeStretch, type TaskNumbers, type TaskShape } from './sequenceTask.js';

/** The credit matrix of a task on a device that reads synchronously, from explicit derivatives of single steps. */
export function creditOf(device: Device, kit: Kit, shape: TaskShape, numbers: TaskNumbers): CreditMatrix {
  return withBackend(device.backend, () =>
    scope(() =>
      withoutFusedOps(() =>
        creditMatrix(makeTask(kit, shape, device.dtype), writeParams(device, numbers), writeStretch(device, numbers)),
      ),
    ),
  );
}
