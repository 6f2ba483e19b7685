import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { createBackend } from '@tempograd/backend-js';
import { createBackend as createTfjs, fromTfjs } from '@tempograd/backend-tfjs';
import { fromTfLayer, resetBeforeGruCell } from '@tempograd/backend-tfjs/layers';
import { createBackend as createWasm } from '@tempograd/backend-wasm';
import { createBackend as createWebGpu } from '@tempograd/backend-webgpu';
import { checkTask, runConformance } from '@tempograd/conformance';
import { compareReports, comparisonToHtml, comparisonToMarkdown } from '@tempograd/conformance/report';
import { testConformance } from '@tempograd/conformance/vitest';
import { cellTask, disposeTree, key, ones, sum, useBackend, zeros, type Tensor } from '@tempograd/core';
import { sequenceModel, writeModel, writeSafetensors } from '@tempograd/nn';
import {
  indexedDbCheckpointStore,
  loadModel as loadModelInPage,
  privateFileCheckpointStore,
} from '@tempograd/nn/browser';
import {
  csvRecords,
  fileCheckpointStore,
  indexTextFile,
  lockFile,
  readCsvFile,
  readSafetensorsFile,
  loadModel,
  saveModel,
} from '@tempograd/nn/node';
import { exportOnnx, importLayers, importModel, readOnnx } from '@tempograd/onnx';
import { creditPicture, healthPictures, lineChart } from '@tempograd/plot';
import { afterAll } from 'vitest';
import { holdTo, type Taker } from './holdTo.js';

useBackend(createBackend());

const folder = mkdtempSync(join(tmpdir(), 'strict-options-'));
const text = join(folder, 'text.txt');
const weights = join(folder, 'weights.safetensors');
const saved = join(folder, 'model.safetensors');
writeFileSync(text, 'a text');
writeFileSync(weights, writeSafetensors({}));
const table = join(folder, 'table.csv');
writeFileSync(table, 'x,y\n1,2\n');
const model = sequenceModel({ input: { features: 1 }, hidden: 1, outputs: 1 });
const params = model.init(key(1));
await saveModel(saved, { model, params });
afterAll(() => rmSync(folder, { recursive: true }));

await tf.setBackend('cpu');
const adapter = createTfjs(tf);
const tfjs: Taker = {
  take: (options) => createTfjs(tf, options),
  good: { allowHalfPrecision: true },
  key: 'allowHalfPrecision',
};

holdTo(
  'nn/src/node/index.ts',
  {
    fileCheckpointStore: {
      take: (options) => fileCheckpointStore(weights, options),
      good: { verify: true },
      key: 'verify',
    },
    readSafetensorsFile: {
      take: (options) => readSafetensorsFile(weights, options),
      good: { verify: true },
      key: 'verify',
    },
    loadModel: {
      take: (options) => loadModel(saved, options),
      good: { verify: true },
      key: 'verify',
    },
    indexTextFile: {
      take: async (options) => (await indexTextFile(text, options)).close(),
      good: { normalizeLineEnds: true },
      key: 'normalizeLineEnds',
    },
    readCsvFile: { take: (options) => readCsvFile(table, options), good: { decimal: ',' }, key: 'decimal' },
    csvRecords: {
      take: (options) => csvRecords(table, (record) => record, options),
      good: { names: ['a', 'b'] },
      key: 'comment',
    },
    lockFile: {
      take: async (options) => (await lockFile(text, options)).release(),
      good: { force: true },
      key: 'force',
    },
  },
  { writeSafetensorsFile: 'what it takes apart is the content of a file' },
);

holdTo('nn/src/browser/index.ts', {
  loadModel: {
    take: async (options) => loadModelInPage(await writeModel({ model, params }), options),
    good: { verify: true },
    key: 'verify',
  },
  indexedDbCheckpointStore: {
    take: (options) => indexedDbCheckpointStore('a', options),
    good: { verify: true },
    key: 'verify',
  },
  privateFileCheckpointStore: {
    take: (options) => privateFileCheckpointStore('a', options),
    good: { verify: true },
    key: 'verify',
  },
});

holdTo('backend-js/src/index.ts', {
  createBackend: { take: createBackend, good: { poison: true }, key: 'poison' },
});

holdTo('backend-wasm/src/index.ts', {
  createBackend: {
    take: async (options) => (await createWasm(options)).dispose?.(),
    good: { threads: 1, build: 'auto' },
    key: 'threads',
  },
});

holdTo('backend-webgpu/src/index.ts', {
  // With options that are right it asks for a GPU.
  createBackend: { take: createWebGpu, good: { memoryLimit: 2 ** 30 }, key: 'memoryLimit', accepts: false },
});

holdTo('backend-tfjs/src/index.ts', {
  createBackend: tfjs,
  tfjs: { ...tfjs, as: 'createBackend' },
  fromTfjs: { take: (options) => fromTfjs(tf.scalar(1), options), good: { backend: adapter }, key: 'backend' },
});

holdTo('backend-tfjs/src/layers/index.ts', {
  // What it does with a layer is tested where there are layers.
  fromTfLayer: {
    take: (options) => fromTfLayer({} as never, options),
    good: { backend: adapter },
    key: 'backend',
    accepts: false,
  },
  resetBeforeGruCell: { take: resetBeforeGruCell, good: { hiddenSize: 2 }, key: 'hiddenSize' },
});

/** The cell that puts out what it is given. */
const sums = cellTask(
  { initialCarry: (batch) => zeros([batch]), step: (_: object, carry: Tensor, output: Tensor) => ({ carry, output }) },
  { input: (stretch: Tensor) => stretch, loss: (_, output: Tensor) => sum(output) },
);

const twoSteps = ones([2, 1]);

const backends = { backend: createBackend(), oracle: createBackend() };

holdTo('conformance/src/index.ts', {
  runConformance: { take: runConformance, good: { ...backends, only: { names: ['exp: value'] } }, key: 'oracle' },
  checkTask: {
    take: (options) => checkTask(sums, {}, twoSteps, options),
    good: { key: null },
    key: 'key',
  },
});

const onnx = readOnnx(await exportOnnx(model, params));

holdTo('onnx/src/index.ts', {
  exportOnnx: {
    take: (options) => exportOnnx(model, params, options),
    good: { carry: 'initial' },
    key: 'carry',
  },
  importLayers: {
    take: (options) => disposeTree(importLayers(onnx, options).map((layer) => layer.params)),
    good: { dtype: 'f64' },
    key: 'dtype',
  },
  importModel: {
    take: (options) => disposeTree(importModel(onnx, options).params),
    good: { dtype: 'f64' },
    key: 'dtype',
  },
});

const health = {
  update: null,
  finite: true,
  layers: [],
  unseen: [],
  parameters: null,
  gradientNorm: null,
  clipping: null,
  informed: null,
  lyapunov: null,
  cosine: null,
};

holdTo('plot/src/index.ts', {
  creditPicture: { take: (options) => creditPicture([[1]], options), good: { decades: 4 }, key: 'mask' },
  healthPictures: { take: (options) => healthPictures(health, options), good: { lengths: [25] }, key: 'lengths' },
  lineChart: {
    take: lineChart,
    good: { title: 'A chart', x: { label: 'x' }, y: { label: 'y' }, series: [] },
    key: 'series',
  },
});

const comparison = compareReports([]);

holdTo(
  'conformance/src/report/index.ts',
  {
    comparisonToHtml: {
      take: (options) => comparisonToHtml(comparison, options),
      good: { title: 'A page' },
      key: 'title',
    },
    comparisonToMarkdown: {
      take: (options) => comparisonToMarkdown(comparison, options),
      good: { title: 'A page' },
      key: 'title',
    },
  },
  {
    columnTitle: 'what it takes apart is a column of a report',
    verdictOf: 'what it takes apart is a row of a comparison',
  },
);

holdTo('conformance/src/vitest/index.ts', {
  // It declares tests.
  testConformance: {
    take: testConformance,
    good: { createBackend, oracle: createBackend, seed: 2 },
    key: 'oracle',
    accepts: false,
  },
});
