import { createBackend } from '@tempograd/backend-js';
import { runConformance } from '@tempograd/conformance';
import * as tg from '@tempograd/core';
import type { SegmentProgram } from '@tempograd/core/backend';
import { beforeEach, describe, expect, test } from 'vitest';
import type { JsBackend } from './mutants/Mutant.js';
import { interpretingBackend } from './segment/interpretingBackend.js';

/** The backend in use, and the programs that it was asked to compile. */
let backend: JsBackend;
let asked: SegmentProgram[];

beforeEach(() => {
  const real = interpretingBackend();
  asked = [];
  backend = {
    ...real,
    compileSegment(program) {
      asked.push(program);
      return real.compileSegment!(program);
    },
  };
  tg.useBackend(backend);
});

const numbers = (seed: number, shape: number[]): tg.Tensor => tg.normal(tg.key(seed), shape);
const values = (tree: unknown): number[][] => tg.treeLeaves(tree).map((x) => [...x.readSync()]);

/** `h' = tanh(w ⊙ h + x)` by default. */
function cellOf(
  next: (w: tg.Tensor, h: tg.Tensor, x: tg.Tensor, context: tg.CellContext) => tg.Tensor = (w, h, x) =>
    tg.tanh(tg.add(tg.mul(w, h), x)),
): tg.Cell<tg.Tensor, tg.Tensor> {
  return {
    initialCarry: (batch, options) => tg.zeros([batch, 2], options),
    step: (w, h, x, context) => {
      const after = next(w, h, x, context);
      return { carry: after, output: after };
    },
  };
}

/** A scan on the hook, the path it took, and the same scan step after step. */
function scanBothWays(
  cell: tg.Cell<tg.Tensor, tg.Tensor>,
  { time = 3, batch = 4, ...options }: { time?: number; batch?: number; key?: tg.Key } = {},
): { path: string; reason: string } {
  return tg.scope(() => {
    const args = [numbers(1, [2]), numbers(2, [batch, 2]), numbers(3, [time, batch, 2])] as const;
    const { result, paths } = tg.recordPaths(() => tg.scan(cell, ...args, options));
    expect(values(result)).toEqual(values(tg.scanSteps(cell, ...args, options)));
    const taken = paths.filter(({ family }) => family === 'segment');
    expect(taken).toHaveLength(1);
    return taken[0]!;
  });
}

test('every cell of the suite is compiled', async () => {
  const only = { ops: ['segment'], kinds: ['value'], dtypes: ['f32'] } as const;
  const { outcomes } = await runConformance({ backend: interpretingBackend(), oracle: createBackend(), only });
  expect(outcomes.length).toBeGreaterThan(30);
  expect(outcomes.filter(({ paths }) => paths.join() !== 'fused')).toEqual([]);
});

describe('a step is compiled', () => {
  test('once for a cell and the shapes of its step, whatever the length of the segment', () => {
    const cell = cellOf();
    for (const time of [3, 1, 7]) expect(scanBothWays(cell, { time }).path).toBe('fused');
    expect(asked).toHaveLength(1);
    scanBothWays(cell, { batch: 5 });
    scanBothWays(cell, { batch: 4 });
    expect(asked).toHaveLength(2);
    scanBothWays(cellOf());
    expect(asked).toHaveLength(3);
  });

  test('to a program of what it is given, by role, and its way back', () => {
    scanBothWays(cellOf());
    const [{ counts, step, pullback }] = asked as [SegmentProgram];
    expect(counts).toEqual({ params: 1, carry: 1, inputs: 1, constants: 0 });
    expect(step.inputs.map(({ shape }) => shape)).toEqual([[2], [4, 2], [4, 2]]);
    expect(step.equations.map(({ primitive }) => primitive)).toEqual(['mul', 'add', 'tanh']);
    expect(step.outputs).toEqual([{ variable: 5 }, { variable: 5 }]);
    expect(pullback.inputs.map(({ shape }) => shape)).toEqual([[2], [4, 2], [4, 2], [4, 2], [4, 2]]);
    expect(pullback.outputs).toHaveLength(3);
    expect(JSON.parse(JSON.stringify(step))).toEqual(step);
  });

  test('with draws from a fixed key, which are the same at every step', () => {
    const noisy = cellOf((w, h, x) => tg.add(tg.mul(w, h), tg.mul(x, tg.uniform(tg.key(5), [4, 2]))));
    expect(scanBothWays(noisy).path).toBe('fused');
    expect(asked[0]!.counts.constants).toBe(1);
  });

  test('not where it looks at the time, or at the key of a run that has one', () => {
    const timed = cellOf((w, h, x, { time }) => tg.add(tg.mul(w, h), tg.mul(x, time)));
    expect(scanBothWays(timed).reason).toMatch(/looks at context\.time/);
    const noisy = cellOf((w, h, x, { key, ...rest }) =>
      tg.add(tg.mul(w, h), key === null ? x : tg.mul(x, tg.uniform(tg.foldIn(key, rest.time), [4, 2]))),
    );
    for (const key of [tg.key(5), tg.key(6)])
      expect(scanBothWays(noisy, { key }).reason).toMatch(/looks at context\.key/);
    expect(asked).toHaveLength(0);
  });

  test('where it finds no key, and again where it finds one', () => {
    const noisy = cellOf((w, h, x, context) =>
      tg.add(
        tg.mul(w, h),
        context.key === null ? x : tg.mul(x, tg.uniform(tg.foldIn(context.key, context.time), [4, 2])),
      ),
    );
    for (let round = 0; round < 2; round++) {
      expect(scanBothWays(noisy).path).toBe('fused');
      expect(scanBothWays(noisy, { key: tg.key(5) }).path).toBe('composed');
    }
    expect(asked).toHaveLength(1);
    const quiet = cellOf();
    for (const options of [{}, { key: tg.key(5) }]) expect(scanBothWays(quiet, options).path).toBe('fused');
    expect(asked).toHaveLength(2);
  });

  test('and differentiated more than once it is composed, with the same derivatives', () => {
    const cell = cellOf();
    const [w, h, x] = [numbers(1, [2]), numbers(2, [4, 2]), numbers(3, [5, 4, 2])];
    const second = (run: typeof tg.scan): number[][] => {
      const loss = (p: tg.Tensor): tg.Tensor => tg.sum(run(cell, p, h, x).output);
      return values(tg.scope(() => tg.grad((p: tg.Tensor) => tg.sum(tg.mul(tg.grad(loss)(p), p)))(w)));
    };
    expect(second(tg.scan)[0]).toEqual(second(tg.scanSteps)[0]!.map((value) => expect.closeTo(value, 4) as number));
  });
});

test('batched by vmap, or differentiated inside it, a compiled step is composed', () => {
  const cell = cellOf();
  const args = [numbers(1, [6, 2]), numbers(2, [4, 2]), numbers(3, [5, 4, 2])] as const;
  const batched = (run: typeof tg.scan): number[][] => {
    const loss = (w: tg.Tensor): tg.Tensor => tg.sum(run(cell, w, args[1], args[2]).output);
    return values(tg.vmap((w: tg.Tensor) => [loss(w), tg.grad(loss)(w)])(args[0]));
  };
  expect(batched(tg.scan)).toEqual(batched(tg.scanSteps));
});

describe('a tensor that a cell closes over', () => {
  test('has the value that it has when the cell runs', () => {
    const scale = numbers(7, [2]);
    const cell = cellOf((w, h, x) => tg.add(tg.mul(w, h), tg.mul(x, scale)));
    scanBothWays(cell);
    const [before, after] = [numbers(8, [2]), numbers(9, [2])];
    for (const value of [before, after]) {
      tg.assign(scale, value);
      expect(scanBothWays(cell).path).toBe('fused');
    }
    expect(asked).toHaveLength(1);
  });

  test('may be replaced when the former one is gone; an equal program is not compiled again', () => {
    let scale = numbers(7, [2]);
    const cell = cellOf((w, h, x) => tg.add(tg.mul(w, h), tg.mul(x, scale)));
    scanBothWays(cell);
    scale.dispose();
    scale = numbers(8, [2]);
    expect(scanBothWays(cell).path).toBe('fused');
    expect(asked).toHaveLength(1);
    scale.dispose();
    scale = numbers(8, [4, 2]);
    expect(scanBothWays(cell).path).toBe('fused');
    expect(asked).toHaveLength(2);
  });

  test('is not kept alive, nor is anything else', () => {
    const before = backend.memory().buffers;
    const scale = numbers(7, [2]);
    const cell = cellOf((w, h, x) => {
      const offset = tg.tensor([[0.5, -0.5]]);
      return tg.add(tg.mul(w, h), tg.mul(tg.add(x, offset), tg.reshape(scale, [2])));
    });
    for (let run = 0; run < 3; run++) scanBothWays(cell);
    scale.dispose();
    expect(backend.memory().buffers).toBe(before);
  });

  test.each([
    ['its backend refuses it', 'f32', /cannot compile its step/],
    ['it mixes element types', 'f64', /mixes f32 and f64/],
  ] as const)('is not kept alive by a step that is not compiled: %s', (_, dtype, reason) => {
    backend = { ...backend, compileSegment: () => null };
    tg.useBackend(backend);
    const scale = tg.ones([2], { dtype });
    const cell = cellOf((w, h, x) => tg.cast(tg.mul(tg.cast(tg.add(tg.mul(w, h), x), dtype), scale), 'f32'));
    expect(scanBothWays(cell).reason).toMatch(reason);
    scale.dispose();
    expect(backend.memory().buffers).toBe(0);
  });

  test('gets its gradient where it is differentiated', () => {
    const [w, h, x] = [numbers(1, [2]), numbers(2, [4, 2]), numbers(3, [5, 4, 2])];
    let scale = numbers(7, [2]);
    const cell = cellOf((p, carry, input) => tg.tanh(tg.add(tg.mul(p, carry), tg.mul(input, scale))));
    const gradientBy = (run: typeof tg.scan): number[] =>
      tg.scope(() => {
        const loss = (s: tg.Tensor): tg.Tensor => {
          scale = s;
          return tg.sum(run(cell, w, h, x).output);
        };
        return values(tg.grad(loss)(numbers(7, [2])))[0]!;
      });
    const expected = gradientBy(tg.scanSteps).map((value) => expect.closeTo(value, 4) as number);
    for (let run = 0; run < 2; run++) expect(gradientBy(tg.scan)).toEqual(expected);
    expect(asked).toHaveLength(1);
  });
});

describe('a step runs step after step, and the path says why, when', () => {
  test('it looks at values', () => {
    const cell = cellOf((w, h, x) => (h.readSync()[0]! > 0 ? tg.mul(w, h) : x));
    for (let run = 0; run < 2; run++) {
      const { path, reason } = scanBothWays(cell);
      expect(path).toBe('composed');
      expect(reason).toMatch(/^its step cannot be traced: .*was read.*may not look at values/);
    }
    expect(asked).toEqual([]);
  });

  test('the backend cannot compile it, or has no compiler', () => {
    tg.useBackend({ ...interpretingBackend(), compileSegment: () => null });
    expect(scanBothWays(cellOf())).toMatchObject({ path: 'composed', reason: 'interpreting cannot compile its step' });
    tg.useBackend(createBackend());
    expect(scanBothWays(cellOf())).toMatchObject({ path: 'composed', reason: 'js has no fused segment' });
  });

  test('its carry does not keep its dtype or shape', () => {
    const cell: tg.Cell<tg.Tensor, tg.Tensor> = {
      initialCarry: (batch) => tg.zeros([batch, 1]),
      step: (_, h, x) => ({ carry: tg.concat([h, x], 1), output: x }),
    };
    expect(scanBothWays(cell).reason).toBe('its carry changes shape or dtype from step to step');
  });

  test('it mixes element types', () => {
    const mixed: tg.Cell<tg.Tensor, tg.Tensor> = {
      initialCarry: (batch) => tg.zeros([batch, 2]),
      step: (_, h, x) => ({ carry: tg.add(h, x), output: tg.cast(h, 'f64') }),
    };
    expect(scanBothWays(mixed).reason).toBe('its step mixes f32 and f64');
  });
});

test('what a step throws is thrown as before', () => {
  const args = [numbers(1, [2]), numbers(2, [4, 2]), numbers(3, [5, 4, 3])] as const;
  for (const run of [tg.scan, tg.scanSteps]) {
    expect(() => run(cellOf(), ...args)).toThrow(tg.ShapeError);
    expect(() =>
      run(
        cellOf(() => tg.zeros([3, 2])),
        ...args,
        { mask: tg.ones([5, 4], { dtype: 'i32' }) },
      ),
    ).toThrow(/a mask \[time, 4\] needs carry and output leaves/);
    const renamed = { ...cellOf(), step: (_: tg.Tensor, h: tg.Tensor) => ({ carry: { h }, output: h }) };
    expect(() => run(renamed as never, ...args)).toThrow(/a step must return a carry like the one it was given/);
  }
});

test('a scan inside a traced function stands in its program step by step', () => {
  const cell = cellOf();
  const args = [numbers(1, [2]), numbers(2, [4, 2]), numbers(3, [2, 4, 2])] as const;
  const program = tg.trace((w: tg.Tensor, h: tg.Tensor, x: tg.Tensor) => tg.scan(cell, w, h, x), ...args);
  expect(program.data.equations.filter(({ primitive }) => primitive === 'tanh')).toHaveLength(2);
  expect(values(tg.interpret(program, ...args))).toEqual(values(tg.scanSteps(cell, ...args)));
  expect(asked).toEqual([]);
});
