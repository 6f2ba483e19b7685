import { openDevice } from '../dist/device/openDevice.js';
import { Gpu } from '../dist/engine/Gpu.js';
import { storageOf } from '../dist/memory/Handle.js';
import { enqueuePlan } from '../dist/product/enqueuePlan.js';
import { findPlan } from '../dist/product/enqueueProblem.js';

/** @import { Plan, Sizes } from '../dist/product/plan.js' */

/** Times products on the device that createBackend would take; the operands lie in two buffers that are as large as they need be. */
export class ProductTimer {
  /** @type {GPUDevice} */ device;
  /** @type {GPUAdapterInfo} */ info;
  #gpu;
  #buffers = new Map();

  /** @param {Awaited<ReturnType<typeof openDevice>>} opened */
  constructor({ device, adapterInfo }) {
    this.device = device;
    this.info = adapterInfo;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    this.#gpu = new Gpu(device, { largest, total: Infinity, poison: false, ownsDevice: true });
  }

  static async open() {
    return new ProductTimer(await openDevice({}));
  }

  /**
   * A buffer of at least so many numbers, for `role`.
   *
   * @param {string} role
   * @param {number} count
   */
  #buffer(role, count) {
    const known = this.#buffers.get(role);
    if (known && known.bytes >= 4 * count) return known;
    // Numbers near 1: zeros would draw less power, and let the device clock higher.
    const handle = this.#gpu.write(
      Float32Array.from({ length: count }, (_, i) => 1 + (i % 97) / 97),
      [count],
      'f32',
    );
    const buffer = storageOf(handle).buffer;
    this.#buffers.set(role, buffer);
    return buffer;
  }

  /**
   * The plan that the library itself would take.
   *
   * @param {Sizes} sizes
   * @returns {Plan}
   */
  plan(sizes) {
    return findPlan(this.device, this.#problem(sizes), sizes.batch);
  }

  /** @param {Sizes} sizes */
  #problem({ m, n, k, batch, aAlong, bAlong, ones, accumulate }) {
    return {
      m,
      n,
      k,
      axes: batch === 1 ? [] : [{ length: batch, a: m * k, b: k * n, out: m * n }],
      a: { buffer: this.#buffer('a', batch * m * k), start: 0, line: aAlong ? k : 1, step: aAlong ? 1 : m },
      b: { buffer: this.#buffer('b', batch * k * n), start: 0, line: bAlong ? k : 1, step: bAlong ? 1 : n },
      out: { buffer: this.#buffer('out', batch * m * n), start: 0, row: n },
      bias: null,
      ones,
      accumulate,
    };
  }

  /**
   * Nanoseconds of one product among others of its kind, the best of three turns: each does so many that it takes `least`
   * milliseconds, and what a submission costs by itself is taken off.
   *
   * @param {Sizes} sizes
   * @param {Plan} plan
   * @param {number} [least]
   */
  async time(sizes, plan, least = 10) {
    const problem = this.#problem(sizes);
    /** @param {number} count */
    const run = async (count) => {
      const before = performance.now();
      for (let i = 0; i < count; i++) enqueuePlan(this.#gpu, problem, sizes.batch, plan);
      this.#gpu.commands.flush();
      await this.device.queue.onSubmittedWorkDone();
      return performance.now() - before;
    };
    await run(1);
    let count = 2;
    let taken = await run(count);
    while (taken < least && count < 2000) {
      count = Math.min(2000, Math.ceil(count * Math.min(10, (1.2 * least) / taken) + 1));
      taken = await run(count);
    }
    let best = Infinity;
    for (let turn = 0; turn < 3; turn++) {
      const [long, short] = [await run(count), await run(Math.ceil(count / 4))];
      best = Math.min(best, Math.max(long - short, long / 10) / (count - Math.ceil(count / 4)));
    }
    return best * 1e6;
  }

  dispose() {
    this.#gpu.dispose();
  }
}

/**
 * Sizes with the rest of what a plan asks for.
 *
 * @param {number} m
 * @param {number} n
 * @param {number} k
 * @param {Partial<Sizes>} [others]
 * @returns {Sizes}
 */
export function sizesOf(m, n, k, others = {}) {
  return { m, n, k, batch: 1, aAlong: true, bAlong: false, ones: false, accumulate: false, ...others };
}
