import { createBackend, type JsHandle } from '@tempograd/backend-js';
import {
  conformanceCases,
  halfStorageTolerances,
  runConformance,
  tolerances,
  type Deviation,
} from '@tempograd/conformance';
import { testConformance } from '@tempograd/conformance/vitest';
import { binaryOps, compareOps, fusedFamilies, recurrentCells, unaryOps, type Operand } from '@tempograd/core/backend';
import { describe, expect, test } from 'vitest';

const names = conformanceCases.map(({ name }) => name);
const oracle = createBackend();
const run = (options: Partial<Parameters<typeof runConformance>[0]>): ReturnType<typeof runConformance> =>
  runConformance({ backend: createBackend(), oracle, only: { names: ['exp: value'] }, ...options });

describe('the cases', () => {
  test('have names of their own', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test.each([
    ...unaryOps,
    ...binaryOps,
    'select',
    'sum',
    'max',
    'reshape',
    'transpose',
    'broadcastTo',
    'slice',
    'concat',
    'flip',
    'gather',
    'scatterAdd',
    'matmul',
    ...recurrentCells,
    'linear',
    'layerNorm',
    'softmaxCrossEntropy',
    'globalNorm',
    'linearScan',
  ])('look at value, gradient and jvp of %s', (op) => {
    const kinds = new Set(conformanceCases.filter((each) => each.op === op).map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining(['value', 'gradient', 'jvp']));
  });

  test.each([...compareOps, 'cast', 'adamStep', 'sgdStep', 'rmspropStep', 'uniform'])(
    'look at the value of %s',
    (op) => {
      expect(conformanceCases.some((each) => each.op === op && each.kind === 'value')).toBe(true);
    },
  );

  test('look at the path of every fused family', () => {
    const paths = names.filter((name) => name.endsWith(': path')).map((name) => name.replace(': path', ''));
    expect(paths.sort()).toEqual(Object.keys(fusedFamilies).sort());
  });

  test('every tolerance has a reason', () => {
    for (const classes of Object.values(tolerances)) {
      for (const measures of Object.values(classes)) {
        for (const { bound, reason } of Object.values(measures)) {
          expect(bound).toBeLessThanOrEqual(5e-3);
          expect(reason.length).toBeGreaterThan(10);
        }
      }
    }
  });

  test('every tolerance with f16 storage has a reason, and is looser than without', () => {
    for (const [opClass, measures] of Object.entries(halfStorageTolerances)) {
      for (const [measure, { bound, reason }] of Object.entries(measures)) {
        const full = tolerances.f32[opClass as 'recurrent'][measure as 'value'].bound;
        expect(bound).toBeGreaterThan(full);
        expect(bound).toBeLessThanOrEqual(2e-2);
        expect(reason).toMatch(/rounded/);
      }
    }
  });

  test('no tolerance of finite differences in f64 is above 1e-6', () => {
    for (const { differences } of Object.values(tolerances.f64)) expect(differences.bound).toBeLessThanOrEqual(1e-6);
  });
});

describe('runs', () => {
  test('give the same numbers for the same seed, others for another', async () => {
    const errorWith = async (seed: number): Promise<number | undefined> =>
      (await run({ seed, only: { names: ['lstm: gradient'], dtypes: ['f32'] } })).outcomes[0]?.error;
    expect(await errorWith(3)).toBe(await errorWith(3));
    expect(await errorWith(3)).not.toBe(await errorWith(4));
  });

  test('tell of each case as it is done', async () => {
    const seen: string[] = [];
    await run({
      only: { ops: ['tanh'], dtypes: ['f32'] },
      onCase: ({ name }, done, total) => seen.push(`${name} ${done}/${total}`),
    });
    expect(seen[0]).toMatch(/^tanh: value 1\//);
    expect(seen.at(-1)).toMatch(new RegExp(`${seen.length}/${seen.length}$`));
  });

  test('say how a failure is seen again', async () => {
    const backend = { ...createBackend(), name: 'broken' };
    const broken = { ...backend, unary: (_op, x) => backend.unary('exp', x) } as typeof backend;
    const { outcomes } = await run({ backend: broken, seed: 7, only: { names: ['tanh: gradient'], dtypes: ['f32'] } });
    expect(outcomes[0]?.failure).toMatch(
      /^tanh: gradient \(f32\) on broken: .*seed 7, only: \{ names: \['tanh: gradient'\], dtypes: \['f32'\] \}/,
    );
  });

  test('a failing example of random shapes is told by its shapes', async () => {
    const backend = createBackend();
    const broken = { ...backend, transpose: (x, order) => backend.transpose(x, order.toReversed()) } as typeof backend;
    const { outcomes } = await run({
      backend: broken,
      only: { names: ['transpose: gradient, of random shapes'], dtypes: ['f64'] },
    });
    expect(outcomes[0]?.failure).toMatch(/for transpose of \[[\d, ]+\] to \[[\d, ]+\]: /);
  });
});

describe('precision', () => {
  /** The reference with weights of a recurrence rounded to 11 bits, as f16 has them. */
  const rounded = (): ReturnType<typeof createBackend> => {
    const backend = createBackend();
    const round = (x: number): number => {
      const unit = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10);
      return x === 0 ? 0 : Math.round(x / unit) * unit;
    };
    const roundWeights = <A extends { weightHh: Operand<JsHandle> }, R>(args: A, fn: (args: A) => R): R => {
      const { weightHh } = args;
      const data = weightHh.handle.data.map(round);
      const handle = backend.write(data, weightHh.shape, weightHh.dtype);
      const result = fn({ ...args, weightHh: { ...weightHh, handle } });
      backend.release(handle);
      return result;
    };
    return {
      ...backend,
      recurrentForward: (args, save) => roundWeights(args, (other) => backend.recurrentForward!(other, save)),
      recurrentBackward: (args) => roundWeights(args, (other) => backend.recurrentBackward!(other)),
    };
  };
  const chosen = ['lstm: value', 'lstm: gradient', 'matmul: value'];
  const statuses = async (options: Partial<Parameters<typeof run>[0]>): Promise<Record<string, string>> => {
    const { outcomes } = await run({ backend: rounded(), only: { names: chosen, dtypes: ['f32'] }, ...options });
    return Object.fromEntries(outcomes.map(({ name, status }) => [name, status]));
  };

  test('f16 storage lets a recurrence through whose weights are rounded so, and full does not', async () => {
    expect(await statuses({})).toEqual({
      'lstm: value': 'failed',
      'lstm: gradient': 'failed',
      'matmul: value': 'passed',
    });
    expect(new Set(Object.values(await statuses({ precision: 'f16 storage' })))).toEqual(new Set(['passed']));
  });

  test('f16 storage changes no tolerance of other ops, and none of f64', async () => {
    const of = async (precision: 'full' | 'f16 storage', only: Parameters<typeof run>[0]['only']) =>
      (await run({ precision, only: only ?? {} })).outcomes.map(({ name, dtype, tolerance, reason }) => [
        name,
        dtype,
        tolerance,
        reason,
      ]);
    for (const only of [
      { names: ['matmul: value', 'exp: gradient'] },
      { names: ['lstm: gradient'], dtypes: ['f64'] as const },
    ]) {
      expect(await of('f16 storage', only)).toEqual(await of('full', only));
    }
  });

  test('is one of two', async () => {
    await expect(run({ precision: 'f16' } as never)).rejects.toThrow('"full", "f16 storage"');
  });
});

describe('options', () => {
  test('that are unknown are refused', async () => {
    await expect(run({ tolerance: 1 } as never)).rejects.toThrow('no option "tolerance". Known are backend');
    await expect(run({ only: { group: ['matmul'] } as never })).rejects.toThrow(
      'only: there is no option "group". Did you mean groups?',
    );
    expect(() => testConformance({ createBackend, oracle: createBackend, skip: [] } as never)).toThrow(
      'testConformance: there is no option "skip".',
    );
  });

  test('that choose nothing are refused', async () => {
    await expect(run({ only: { names: ['expo: value'] } })).rejects.toThrow('chooses no case');
  });

  test('the oracle must be another backend, with f64', async () => {
    await expect(run({ backend: oracle })).rejects.toThrow('a backend of its own');
    const poor = { ...createBackend(), capabilities: { dtypes: ['f32', 'i32'] as const } };
    await expect(run({ oracle: poor })).rejects.toThrow('has no f64');
  });
});

describe('deviations', () => {
  const name = 'pow: value, of NaN and infinity';
  const deviation: Deviation = { case: name, reason: 'the device has no NaN in pow', assert: () => undefined };
  const only = { names: [name], dtypes: ['f32'] } as const;

  test('are reported with their reason, and their assertion runs in place of the case', async () => {
    let ran = 0;
    const { outcomes } = await run({ only, deviations: [{ ...deviation, assert: () => void ran++ }] });
    expect(ran).toBe(1);
    expect(outcomes[0]).toMatchObject({ status: 'deviates', deviation: 'the device has no NaN in pow' });
  });

  test('whose assertion fails are failures', async () => {
    const failing = (): never => {
      throw new Error('it passes now');
    };
    const { outcomes } = await run({ only, deviations: [{ ...deviation, assert: failing }] });
    expect(outcomes[0]).toMatchObject({
      status: 'failed',
      failure: expect.stringContaining('it passes now') as string,
    });
  });

  test.each([
    ['names no case', { case: 'pow: value, of everything' }],
    ['needs a reason', { reason: ' ' }],
    ['needs assert', { assert: undefined }],
    ['has unknown', { skip: true }],
    ['is not allowed', { case: 'pow: value' }],
    ['is not allowed', { case: 'lstm: gradient' }],
  ])('that are not in order are refused: %s', async (message, change) => {
    await expect(run({ only, deviations: [{ ...deviation, ...change } as Deviation] })).rejects.toThrow(message);
  });

  test('given twice are refused', async () => {
    await expect(run({ only, deviations: [deviation, deviation] })).rejects.toThrow('given twice');
  });
});
