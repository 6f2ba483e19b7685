import type { PooledBuffer } from '../memory/Handle.js';
import type { Failure } from './Failure.js';
import { shaderText } from './Kernel.js';
import type { Access, Kernel, Variant } from './Kernel.js';
import { slotBytes } from './Params.js';

/** Buffers bound together, found by their numbers one after the other. */
type Groups = Map<number, Groups | GPUBindGroup>;

/** How the shaders of some kernels are bound, and the groups of buffers that were bound so. */
interface Layout {
  readonly bindGroup: GPUBindGroupLayout;
  readonly pipeline: GPUPipelineLayout;
  groups: Groups;
}

/** A shader compiled for this device. */
export interface Program {
  readonly pipeline: GPUComputePipeline;
  readonly layout: Layout;
}

/** Bind groups kept for one layout; beyond it they are made anew, a few microseconds each. */
const mostGroups = 16_384;

/** Compiled shaders and bind groups, each made once. */
export class Programs {
  readonly #device: GPUDevice;
  readonly #failure: Failure;
  readonly #params: GPUBuffer;
  readonly #codeOf: (kernel: Kernel) => string;
  readonly #programs = new Map<Kernel, Map<string, Program>>();
  readonly #layouts = new Map<string, Layout>();
  #groupCount = 0;
  /** Pipelines compiled so far. */
  compiled = 0;
  /** Bind groups made so far. */
  bound = 0;

  /** `codeOf` gives the WGSL of a kernel, as its `code` is. */
  constructor(device: GPUDevice, failure: Failure, params: GPUBuffer, codeOf: (kernel: Kernel) => string) {
    this.#device = device;
    this.#failure = failure;
    this.#params = params;
    this.#codeOf = codeOf;
  }

  /** The program of a kernel's variant, by the key that tells it from the kernel's other ones; `what` names the op, for errors. */
  find(kernel: Kernel, key: string, variant: (() => Variant) | null, what: () => string): Program {
    let variants = this.#programs.get(kernel);
    if (variants === undefined) this.#programs.set(kernel, (variants = new Map<string, Program>()));
    let program = variants.get(key);
    if (program === undefined) variants.set(key, (program = this.#compile(kernel, key, variant?.() ?? {}, what())));
    return program;
  }

  #compile(kernel: Kernel, key: string, { constants = {}, types }: Variant, what: string): Program {
    this.compiled++;
    const layout = this.#layout(kernel.bindings);
    const label = key === '' ? kernel.name : `${kernel.name} ${key}`;
    return this.#failure.watch(
      'validation',
      () => `the shader ${label}, for ${what}`,
      () => {
        const module = this.#device.createShaderModule({
          label,
          code: shaderText({ ...kernel, code: this.#codeOf(kernel) }, types),
        });
        const compute = { module, entryPoint: 'main', constants };
        return {
          layout,
          pipeline: this.#device.createComputePipeline({ label, layout: layout.pipeline, compute }),
        };
      },
    );
  }

  #layout(bindings: readonly Access[]): Layout {
    const signature = bindings.join();
    const known = this.#layouts.get(signature);
    if (known) return known;
    const visibility = 4; // GPUShaderStage.COMPUTE
    const bindGroup = this.#device.createBindGroupLayout({
      label: signature,
      entries: [
        { binding: 0, visibility, buffer: { type: 'uniform', hasDynamicOffset: true } },
        ...bindings.map((access, index) => ({
          binding: index + 1,
          visibility,
          buffer: { type: access === 'read' ? ('read-only-storage' as const) : ('storage' as const) },
        })),
      ],
    });
    const pipeline = this.#device.createPipelineLayout({ label: signature, bindGroupLayouts: [bindGroup] });
    const layout: Layout = { bindGroup, pipeline, groups: new Map() };
    this.#layouts.set(signature, layout);
    return layout;
  }

  /** The parameters' buffer and these, bound for a program. */
  group({ layout }: Program, buffers: readonly PooledBuffer[]): GPUBindGroup {
    let groups = layout.groups;
    const last = buffers.length - 1;
    for (let i = 0; i < last; i++) {
      const { id } = buffers[i] as PooledBuffer;
      let next = groups.get(id) as Groups | undefined;
      if (next === undefined) groups.set(id, (next = new Map()));
      groups = next;
    }
    const { id } = buffers[last] as PooledBuffer;
    let group = groups.get(id) as GPUBindGroup | undefined;
    if (group === undefined) {
      if (this.#groupCount >= mostGroups) this.forgetGroups();
      this.#groupCount++;
      groups.set(id, (group = this.#bind(layout, buffers)));
    }
    return group;
  }

  #bind(layout: Layout, buffers: readonly PooledBuffer[]): GPUBindGroup {
    this.bound++;
    return this.#device.createBindGroup({
      layout: layout.bindGroup,
      entries: [
        { binding: 0, resource: { buffer: this.#params, offset: 0, size: slotBytes } },
        ...buffers.map(({ gpu }, index) => ({ binding: index + 1, resource: { buffer: gpu } })),
      ],
    });
  }

  /** Lets go of all bind groups, and with them of buffers that were destroyed. */
  forgetGroups(): void {
    for (const layout of this.#layouts.values()) layout.groups = new Map();
    this.#groupCount = 0;
  }
}
