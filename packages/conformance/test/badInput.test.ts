import { createBackend } from '@tempograd/backend-js';
import * as core from '@tempograd/core';
import { expect, test } from 'vitest';
import { coreKit } from '../src/index.js';
import type { Call } from '../src/badInput/Call.js';
import { fusedCalls } from '../src/badInput/fusedCalls.js';
import { composedCalls } from '../src/badInput/composedCalls.js';
import { opCalls } from '../src/badInput/opCalls.js';
import { badInputCase } from '../src/cases/badInput.js';

const run = (call: Partial<Call> & Pick<Call, 'run'>): Promise<unknown> =>
  badInputCase({ name: 'faulty', tensors: { x: { shape: [2] }, y: { shape: [2] } }, ...call }).run({
    backend: createBackend(),
    oracle: createBackend(),
    dtype: 'f32',
    seed: 1,
    families: [],
    kit: coreKit,
    precision: 'full',
    differences: 'per input',
  });

test('a function that refuses what is bad passes', async () => {
  await run({ run: ({ x, y }) => core.stack([x!, y!]) });
});

test.each<[string, Call['run'], RegExp]>([
  ['accepts', ({ x }) => x, /y disposed of \(fused\) was accepted; .* y on another backend \(composed\) was accepted/],
  ['throws a TypeError', ({ x, y }) => [x!.shape.length, core.stack([x!, y!])], /x = null \(fused\) threw TypeError/],
  [
    'leaves a buffer',
    ({ x, y }) => [core.keep(core.ones([1])), core.stack([x!, y!])],
    /x disposed of \(fused\) left 1 buffers/,
  ],
])('one that %s is found', async (_, faulty, says) => {
  await expect(run({ run: faulty })).rejects.toThrow(says);
});

test('one that changes what it was given is found', async () => {
  const changes: Call['run'] = ({ x, y }) => {
    if (x instanceof core.Tensor) core.assign(x, core.add(x, 1));
    return core.stack([x!, y!]);
  };
  await expect(run({ run: changes })).rejects.toThrow(/changed what it was given/);
});

/** Functions without a row of their own, and why. */
const apart: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'errors and classes':
      'ArgumentError BackendError DTypeError LifetimeError OutOfMemoryError ShapeError TempogradError TraceError Tensor Program Pattern',
    'makes tensors of numbers; see create and wrongArguments in core':
      'tensor fromArray full ones zeros scalar uniform normal bernoulli uniformValues',
    'names random numbers': 'key split foldIn foldInName',
    'about backends and scopes':
      'currentBackend useBackend withBackend scope keep shareTree fromHandle operandOf recordPaths withoutFusedOps',
    'about trees': 'timeOf disposeTree treeEntries treeFill treeLeaves treeLeavesLike treeMap treeZip',
    'refuses what is no tensor': 'requireTensor',
    'looks at numbers; see inside in core':
      'requireInside requireShares faultInside faultOfShares isReadable checkpointSchedule',
    'makes a cell or task': 'rnnCell gruCell lstmCell cellTask',
    'through grad': 'valueAndGrad valueAndGradWithAux',
    'reads at once; see strategies in core': 'adaptiveTruncation',
    'masks of numbers; see strategies in core': 'artbpMask telescopingMask adaptiveTruncationMask',
    'through trace, scan and strategies':
      'interpret simplify traceStep cellJacobian cellPattern jacobianPattern observeSegments recordStateCotangents creditMatrix gradientByLag readGradientByLag truncationMask countedLosses',
  }).flatMap(([why, names]) => names.split(' ').map((name) => [name, why])),
);

test('every public function has a row or a reason', () => {
  const rows = new Set([...opCalls, ...composedCalls, ...fusedCalls].map(({ name }) => name.split(',')[0]));
  const functions = Object.entries(core).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []));
  expect(functions.filter((name) => !rows.has(name) && apart[name] === undefined)).toEqual([]);
  expect(Object.keys(apart).filter((name) => rows.has(name))).toEqual([]);
});
