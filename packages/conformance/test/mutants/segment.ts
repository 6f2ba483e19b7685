import type { JsHandle } from '@tempograd/backend-js';
import type { CompiledSegment, SegmentBackwardResult, SegmentForwardResult } from '@tempograd/core/backend';
import { interpretingBackend } from '../segment/interpretingBackend.js';
import type { Mutant } from './Mutant.js';

type Segment = CompiledSegment<JsHandle>;

/** Compiled segments changed by `change`. */
const changed =
  (change: (right: Segment) => Partial<Segment>): Mutant['backend'] =>
  (real) => ({
    compileSegment(program) {
      const right = real.compileSegment!(program)!;
      return {
        forward: right.forward.bind(right),
        backward: right.backward.bind(right),
        ...change(right),
      };
    },
  });

/** Compiled segments that change their gradients afterwards. */
const gradients = (change: (result: SegmentBackwardResult<JsHandle>) => void): Mutant['backend'] =>
  changed((right) => ({
    backward(args) {
      const result = right.backward(args);
      change(result);
      return result;
    },
  }));

const clear = (x: { readonly handle: JsHandle } | null | undefined): void => void x?.handle.data.fill(0);

const equalData = (a: { readonly handle: JsHandle }, b: { readonly handle: JsHandle }): boolean =>
  a.handle.data.every((value, index) => value === b.handle.data[index]);

/** Faults in compiled segments, on a backend that compiles them. */
export const segmentMutants: readonly Mutant[] = (
  [
    {
      name: 'a compiled segment drops the mask',
      backend: changed((right) => ({ forward: (args, save) => right.forward({ ...args, mask: null }, save) })),
      caughtBy: [
        'segment: value, minimal gated unit, mask with holes',
        'segment: value, residual cell with a tree, mask with holes, reversed',
      ],
    },
    {
      name: 'a compiled segment drops the mask on the way back',
      backend: changed((right) => ({ backward: (args) => right.backward({ ...args, mask: null }) })),
      caughtBy: ['segment: gradient, minimal gated unit, mask with holes'],
    },
    {
      name: 'a compiled segment swaps its carries',
      backend: changed((right) => ({
        forward(args, save): SegmentForwardResult<JsHandle> {
          const { carry, ...rest } = right.forward(args, save);
          const [first, second, ...others] = carry;
          return { ...rest, carry: second && second.dtype === first!.dtype ? [second, first!, ...others] : carry };
        },
      })),
      caughtBy: ['segment: value, residual cell with a tree', 'segment: gradient, residual cell with a tree'],
    },
    {
      name: "a compiled segment swaps its carries' cotangents",
      backend: changed((right) => ({
        backward: (args) => right.backward({ ...args, carryCotangents: args.carryCotangents.toReversed() }),
      })),
      caughtBy: ['segment: gradient, residual cell with a tree'],
    },
    {
      name: "a compiled segment forgets a parameter's gradient",
      backend: gradients(({ params }) => clear(params[0])),
      caughtBy: [
        'segment: gradient, minimal gated unit',
        'segment: gradient, cell with row numbers, one step',
        'segment: gradient, cell that stops gradients',
      ],
    },
    {
      name: "a compiled segment forgets a constant's gradient",
      backend: gradients(({ constants }) => constants.forEach(clear)),
      caughtBy: ['segment: gradient, cell with constants'],
    },
    {
      name: 'a compiled segment gives no gradient of its initial carry',
      backend: gradients(({ carry }) => carry.forEach(clear)),
      caughtBy: ['segment: gradient, minimal gated unit, one step', 'segment: gradient, cell with row numbers'],
    },
    {
      name: "a compiled segment puts its inputs' gradients at the wrong steps",
      backend: gradients(({ inputs }) => {
        for (const x of inputs) {
          const width = x === null ? 0 : x.handle.data.length / x.shape[0]!;
          x?.handle.data.copyWithin(width, 0);
        }
      }),
      caughtBy: ['segment: gradient, minimal gated unit', 'segment: gradient, residual cell with a tree, reversed'],
    },
    {
      name: 'a compiled segment gives its own input back as a result',
      backend: changed((right) => ({
        forward(args, save) {
          const { carry, ...rest } = right.forward(args, save);
          return {
            ...rest,
            carry: carry.map((x, index) => (equalData(x, args.carry[index]!) ? args.carry[index]! : x)),
          };
        },
      })),
      caughtBy: [
        'segment: value, cell that passes things on',
        'segment: gradient, cell that passes things on, one step',
      ],
    },
    {
      name: 'a compiled segment gives gradients that are not wanted',
      backend: changed((right) => ({
        backward: (args) => right.backward({ ...args, wants: { ...args.wants, params: args.params.map(() => true) } }),
      })),
      caughtBy: ['segment: gradient, of every choice of inputs'],
    },
    {
      name: 'a compiled segment always saves',
      backend: changed((right) => ({ forward: (args) => right.forward(args, true) })),
      caughtBy: ['segment: gradient, of every choice of inputs'],
    },
    {
      name: 'a compiled segment takes a loss on its last carry alone for none',
      backend: changed((right) => ({
        backward: (args) =>
          right.backward({
            ...args,
            carryCotangents: args.outputCotangents.every((x) => x === null)
              ? args.carryCotangents.map(() => null)
              : args.carryCotangents,
          }),
      })),
      caughtBy: ['segment: gradient, of every choice of inputs'],
    },
    {
      name: 'a compiled segment ignores its direction',
      backend: changed((right) => ({ forward: (args, save) => right.forward({ ...args, reverse: false }, save) })),
      caughtBy: ['segment: value, minimal gated unit, reversed'],
    },
    {
      name: 'a compiled segment goes back in the direction it came',
      backend: changed((right) => ({ backward: (args) => right.backward({ ...args, reverse: !args.reverse }) })),
      caughtBy: ['segment: gradient, minimal gated unit', 'segment: gradient, cell with row numbers, reversed'],
    },
    {
      name: 'segments are compiled once for all steps of equal shapes',
      backend: (real) => {
        const segments = new Map<string, Segment | null>();
        return {
          compileSegment(program) {
            const shapes = JSON.stringify(program.step.inputs);
            if (!segments.has(shapes)) segments.set(shapes, real.compileSegment!(program));
            return segments.get(shapes)!;
          },
        };
      },
      caughtBy: ['segment: value, cells of one signature in turn'],
    },
  ] satisfies readonly Mutant[]
).map((mutant) => ({ ...mutant, base: interpretingBackend }));
