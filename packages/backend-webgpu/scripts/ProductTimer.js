import { create } from 'webgpu';
import { openDevice } from '../dist/device/openDevice.js';
import { Gpu } from '../dist/engine/Gpu.js';
import { storageOf } from '../dist/memory/Handle.js';
import { enqueuePlan } from '../dist/product/enqueuePlan.js';
import { findPlan } from '../dist/product/enqueueProblem.js';

/** @import { Plan, Sizes } from '../dist/product/plan.js' */

/** Exact timestamps: by default they are cut to some 65 µs. Kept, for collected while its device is in use it takes the process down. */
const dawn = create(['disable-dawn-features=timestamp_quantization']);

/** Most products of one turn: their parameters are those of one command buffer. */
const mostProducts = 1024;

/**
 * Times products on the device that createBackend would take, by the device's own clock where it has one; the operands lie in two
 * buffers that are as large as they need be.
 */
export class ProductTimer {
  /** @type {GPUDevice} */ device;
  /** @type {GPUAdapterInfo} */ info;
  /** `timestamps`, or `wall` where the device has none. */ clock;
  #gpu;
  #buffers = new Map();
  /** @type {GPUQuerySet | null} */ #queries = null;
  /** @type {GPUBuffer | null} */ #resolved = null;
  /** @type {GPUBuffer | null} */ #read = null;
  #stamped = false;

  /** @param {Awaited<ReturnType<typeof openDevice>>} opened */
  constructor({ device, adapterInfo }) {
    this.device = device;
    this.info = adapterInfo;
    const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
    const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    this.clock = device.features.has('timestamp-query') ? 'timestamps' : 'wall';
    if (this.clock === 'timestamps') this.#stampPasses();
    this.#gpu = new Gpu(device, { largest, total: Infinity, poison: false, ownsDevice: true });
  }

  static async open() {
    const adapter = await dawn.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) throw new Error('There is no adapter.');
    return new ProductTimer(await openDevice({ adapter }));
  }

  /** Has every compute pass write its first and last moment, while `#stamped`. */
  #stampPasses() {
    const { device } = this;
    const queries = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.#queries = queries;
    // QUERY_RESOLVE | COPY_SRC, and MAP_READ | COPY_DST.
    this.#resolved = device.createBuffer({ size: 16, usage: 0x204 });
    this.#read = device.createBuffer({ size: 16, usage: 0x9 });
    const createEncoder = device.createCommandEncoder.bind(device);
    device.createCommandEncoder = (descriptor) => {
      const encoder = createEncoder(descriptor);
      if (!this.#stamped) return encoder;
      const begin = encoder.beginComputePass.bind(encoder);
      const timestampWrites = { querySet: queries, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      encoder.beginComputePass = () => begin({ timestampWrites });
      return encoder;
    };
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
  #problem({ m, n, k, batch, aAlong, bAlong, accumulate }) {
    return {
      m,
      n,
      k,
      axes: batch === 1 ? [] : [{ length: batch, a: m * k, b: k * n, out: m * n }],
      a: { buffer: this.#buffer('a', batch * m * k), start: 0, line: aAlong ? k : 1, step: aAlong ? 1 : m },
      b: { buffer: this.#buffer('b', batch * k * n), start: 0, line: bAlong ? k : 1, step: bAlong ? 1 : n },
      out: { buffer: this.#buffer('out', batch * m * n), start: 0, row: n },
      bias: null,
      accumulate,
    };
  }

  /**
   * Nanoseconds that `count` products take, one after the other: each waits for the one before, as in a training step, and finds its
   * operands in the caches.
   *
   * @param {Sizes} sizes
   * @param {Plan} plan
   * @param {number} count
   */
  async #run(sizes, plan, count) {
    const problem = this.#problem(sizes);
    this.#gpu.commands.flush();
    this.#stamped = this.clock === 'timestamps';
    const before = performance.now();
    for (let i = 0; i < count; i++) enqueuePlan(this.#gpu, problem, sizes.batch, plan);
    this.#gpu.commands.flush();
    this.#stamped = false;
    if (!this.#queries || !this.#resolved || !this.#read) {
      await this.device.queue.onSubmittedWorkDone();
      return (performance.now() - before) * 1e6;
    }
    const encoder = this.device.createCommandEncoder();
    encoder.resolveQuerySet(this.#queries, 0, 2, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#read, 0, 16);
    this.device.queue.submit([encoder.finish()]);
    await this.#read.mapAsync(1);
    const [begin = 0n, end = 0n] = new BigUint64Array(this.#read.getMappedRange().slice(0));
    this.#read.unmap();
    return Number(end - begin);
  }

  /**
   * Nanoseconds of one product among others of its kind: the median of three turns, each of so many that it takes `least` milliseconds.
   * By the wall clock what a submission costs is taken off, as the difference of long and short turns, and there are seven of each.
   *
   * @param {Sizes} sizes
   * @param {Plan} plan
   * @param {number} [least]
   * @throws Error where the clock is of no use: the median is no positive number
   */
  async time(sizes, plan, least = 1) {
    const exact = this.clock === 'timestamps';
    const wanted = (exact ? 1e6 : 1e7) * least;
    let count = 2;
    let taken = await this.#run(sizes, plan, count);
    while (taken < wanted / 1.5 && count < mostProducts) {
      const more = Math.ceil((count * wanted) / Math.max(taken, wanted / 20));
      count = Math.min(mostProducts, Math.max(count + 1, more));
      taken = await this.#run(sizes, plan, count);
    }
    const short = exact ? 0 : Math.ceil(count / 4);
    const turns = [];
    for (let turn = 0; turn < (exact ? 3 : 7); turn++) {
      const long = await this.#run(sizes, plan, count);
      turns.push((long - (exact ? 0 : await this.#run(sizes, plan, short))) / (count - short));
    }
    const median = turns.sort((a, b) => a - b)[turns.length >> 1] ?? 0;
    if (!(median > 0)) throw new Error(`A product took ${median} ns: the clock (${this.clock}) is of no use.`);
    return median;
  }

  /**
   * Keeps the device busy for so many milliseconds: at rest it clocks down.
   *
   * @param {Sizes} sizes
   * @param {number} [milliseconds]
   */
  async warmUp(sizes, milliseconds = 50) {
    const end = performance.now() + milliseconds;
    const plan = this.plan(sizes);
    do await this.#run(sizes, plan, 4);
    while (performance.now() < end);
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
  return { m, n, k, batch: 1, aAlong: true, bAlong: false, accumulate: false, ...others };
}
