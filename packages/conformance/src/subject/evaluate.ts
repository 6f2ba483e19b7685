import { jvp, scope, vjp, type Tensor } from '@tempograd/core';
import type { Device } from '../check/Device.js';
import type { Layout } from '../check/layouts.js';
import type { HostArray } from '../host/HostArray.js';
import { asList } from './Subject.js';

/** A function of tensors, one tensor or several. */
export type TensorFunction = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** The value of `fn` on a device. */
export function valueOn(
  device: Device,
  fn: TensorFunction,
  inputs: readonly HostArray[],
  layout?: Layout,
): Promise<HostArray[]> {
  return device.run(() => asList<Tensor>(fn(...inputs.map((x) => device.write(x, layout)))));
}

/** The values of `fn` at several inputs, read together: where results come by a queue, waiting for each takes longer than the work. */
export async function valuesOn(
  device: Device,
  fn: TensorFunction,
  points: readonly (readonly HostArray[])[],
): Promise<HostArray[][]> {
  const values: Tensor[][] = [];
  const host = await device.run(() => {
    const written = new Map<HostArray, Tensor>();
    // Written before the scope of a point opens, so that points which share an input share its tensor.
    const write = (x: HostArray): Tensor => written.get(x) ?? written.set(x, device.write(x)).get(x)!;
    for (const inputs of points) {
      const tensors = inputs.map(write);
      values.push(scope(() => [...asList<Tensor>(fn(...tensors))]));
    }
    return values.flat();
  });
  let from = 0;
  return values.map(({ length }) => host.slice(from, (from += length)));
}

/** Cotangents of a function's values, null for zero; or what makes them, given the values. */
type Cotangents = readonly (HostArray | null)[] | ((values: readonly Tensor[]) => readonly (HostArray | null)[]);

/** Gradients of `Σ cotangent · fn(inputs)` with respect to the float inputs. */
export function gradientOn(
  device: Device,
  fn: TensorFunction,
  inputs: readonly HostArray[],
  cotangents: Cotangents,
  layout?: Layout,
): Promise<HostArray[]> {
  return device.run(() => {
    const { value, pullback } = vjp(
      (xs: Tensor[]) => [...asList<Tensor>(fn(...xs))],
      inputs.map((x) => device.write(x, layout)),
    );
    try {
      const given = typeof cotangents === 'function' ? cotangents(value) : cotangents;
      const gradients = pullback(given.map((x) => (x === null ? null : device.write(x, layout))) as Tensor[]);
      return gradients.filter((_, index) => inputs[index]?.kind === 'float');
    } finally {
      pullback.dispose();
    }
  });
}

/** The derivative of `fn` along tangents of the float inputs. */
export function tangentOn(
  device: Device,
  fn: TensorFunction,
  inputs: readonly HostArray[],
  tangents: readonly HostArray[],
): Promise<HostArray[]> {
  return device.run(() => {
    const x = inputs.map((each) => device.write(each));
    const directions = tangents.map((each) => device.write(each));
    return jvp((xs: Tensor[]) => [...asList<Tensor>(fn(...xs))], x, directions).tangent;
  });
}
