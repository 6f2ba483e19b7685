/** @typedef {{ name: string, mayImport: readonly string[] }} Zone */

/**
 * Who may import whom: the arrows of the design, one line a zone.
 *
 * A file belongs to the first zone that matches it. It may import its own zone, the files and folders listed, and the
 * packages listed; `node:*` is every module of Node, `*` is everything. In a zone's name `*` is any part of a folder's
 * name.
 *
 * @type {readonly Zone[]}
 */
export const zones = [
  // Core's folders stand on each other. A strategy works by cells and gradients, and never sees a backend: all it has
  // from that folder are the errors and the check of options.
  { name: 'core/src/backend', mayImport: [] },
  { name: 'core/src/tensor', mayImport: ['core/src/backend'] },
  { name: 'core/src/random', mayImport: ['core/src/backend', 'core/src/tensor'] },
  { name: 'core/src/autodiff', mayImport: ['core/src/backend', 'core/src/tensor'] },
  { name: 'core/src/batching', mayImport: ['core/src/backend', 'core/src/tensor', 'core/src/autodiff'] },
  { name: 'core/src/tracing', mayImport: ['core/src/backend', 'core/src/tensor', 'core/src/autodiff'] },
  {
    name: 'core/src/recurrence',
    mayImport: [
      'core/src/backend',
      'core/src/tensor',
      'core/src/random',
      'core/src/autodiff',
      'core/src/batching',
      'core/src/tracing',
    ],
  },
  {
    name: 'core/src/strategies',
    mayImport: [
      'core/src/backend/dtype.ts',
      'core/src/backend/errors.ts',
      'core/src/backend/options.ts',
      'core/src/backend/shape.ts',
      'core/src/tensor',
      'core/src/random',
      'core/src/autodiff',
      'core/src/recurrence',
      'core/src/credit/gradientByLag.ts',
    ],
  },
  {
    name: 'core/src/credit',
    mayImport: [
      'core/src/backend/errors.ts',
      'core/src/backend/dtype.ts',
      'core/src/backend/options.ts',
      'core/src/tensor',
      'core/src/random',
      'core/src/autodiff',
      'core/src/batching',
      'core/src/recurrence',
    ],
  },
  {
    name: 'core/src/index.ts',
    mayImport: [
      'core/src/backend',
      'core/src/tensor',
      'core/src/random',
      'core/src/autodiff',
      'core/src/batching',
      'core/src/tracing',
      'core/src/recurrence',
      'core/src/strategies',
      'core/src/credit',
    ],
  },
  {
    name: 'backend-wasm/src/threads',
    mayImport: ['backend-wasm/src', '@tempograd/core/backend', 'node:worker_threads'],
  },
  { name: 'backend-wasm/src', mayImport: ['backend-wasm/src', '@tempograd/core/backend'] },
  // Finds an optional package by name, where the user has it.
  { name: 'backend-webgpu/src/device/loadDawn.ts', mayImport: ['*'] },
  { name: 'backend-webgpu/src', mayImport: ['backend-webgpu/src', '@tempograd/core/backend'] },
  // What brings tfjs's tensors and layers over makes tensors of core; the ops beside it do not know of them.
  {
    name: 'backend-tfjs/src/interop',
    mayImport: ['backend-tfjs/src', '@tempograd/core', '@tempograd/core/backend'],
  },
  {
    name: 'backend-tfjs/src/layers',
    mayImport: ['backend-tfjs/src', '@tempograd/core', '@tempograd/core/backend'],
  },
  { name: 'backend-tfjs/src/index.ts', mayImport: ['backend-tfjs/src'] },
  { name: 'backend-tfjs/src', mayImport: ['@tempograd/core/backend', '@tensorflow/tfjs-core'] },
  { name: 'backend-*/src', mayImport: ['@tempograd/core/backend'] },
  { name: 'nn/src/node', mayImport: ['nn/src', '@tempograd/core', '@tempograd/core/backend', 'csv-parse', 'node:*'] },
  {
    name: 'nn/src',
    mayImport: [
      '@tempograd/core',
      '@tempograd/core/backend',
      '@noble/hashes/sha2.js',
      '@noble/hashes/utils.js',
      'csv-parse/browser/esm/sync',
      'valibot',
    ],
  },
  { name: 'onnx/src/proto', mayImport: ['@bufbuild/protobuf', '@bufbuild/protobuf/codegenv2'] },
  {
    name: 'onnx/src',
    mayImport: ['onnx/src', '@tempograd/core', '@tempograd/core/backend', '@tempograd/nn', '@bufbuild/protobuf'],
  },
  // Pictures are drawn of plain data: of fit, tasks and backends they know nothing, and of nn the types of what it measures.
  {
    name: 'plot/src',
    mayImport: ['plot/src', '@tempograd/core/backend', '@tempograd/nn', '@observablehq/plot', 'linkedom'],
  },
  // What shows reports knows them, and nothing of how they come about; the suite does not know how it is shown.
  {
    name: 'conformance/src/report',
    mayImport: ['conformance/src/run/ConformanceReport.ts', 'conformance/src/run/Case.ts', '@tempograd/core/backend'],
  },
  {
    name: 'conformance/src/vitest',
    mayImport: ['conformance/src', '@tempograd/core', '@tempograd/core/backend', 'vitest'],
  },
  { name: 'conformance/src', mayImport: ['@tempograd/core', '@tempograd/core/backend', 'fast-check'] },
  { name: 'cli/src', mayImport: ['*'] },
  { name: '*/test', mayImport: ['*'] },
];
