import '@tensorflow/tfjs-backend-webgl';
import { tfjs } from '@tempograd/backend-tfjs';
import { disposeTree, useBackend } from '@tempograd/core';
import * as tf from '@tensorflow/tfjs-core';
import { drawChart, type Line } from './chart.js';
import { forecast, newParams, train } from './recurrentModel.js';
import { pulses } from './signal.js';
import { width, windowModel, windows } from './windowModel.js';

const [batch, shown] = [4, 96];
const updates = Number(new URLSearchParams(location.search).get('updates') ?? 160);
const element = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;
const show = (id: string, text: string): void => void (element(id).textContent = text);
const canvas = element('chart') as HTMLCanvasElement;

await tf.setBackend('webgl');
await tf.ready();

// What the page had: a signal and a model of tfjs.
const signal = pulses(321, batch);
const { inputs, targets } = windows(signal);
const before = windowModel();
const history = await before.fit(inputs, targets, { epochs: 15, batchSize: 64, shuffle: false });
show('window-updates', '15 epochs');
show('window-loss', Number(history.history['loss']?.at(-1)).toFixed(4));
const guess = tf.tidy(() => before.predict(tf.slice(inputs, [0, 0], [shown, width])) as tf.Tensor);
const known: Line[] = [
  { name: 'signal', from: 0, values: await tf.reshape(tf.slice(signal, [0, 0, 0], [shown, 1, 1]), [shown]).data() },
  { name: 'window', from: width, values: await guess.data() },
];
drawChart(canvas, known, shown);

// What was added: a recurrent model on the same tensors, on the same device.
const backend = tfjs(tf);
useBackend(backend);
const params = newParams();
const rest = tf.memory().numTensors;

async function drawForecast(): Promise<void> {
  const next = tf.tidy(() => forecast(params, tf.slice(signal, [0, 0, 0], [shown, batch, 1])));
  const values = await next.data();
  next.dispose();
  const row = Array.from({ length: shown }, (_, step) => values[step * batch] as number);
  drawChart(canvas, [...known, { name: 'recurrent', from: 1, values: row }], shown);
}

for await (const { update, loss } of train(params, signal, updates)) {
  show('recurrent-updates', `${update} updates`);
  show('recurrent-loss', loss.toFixed(4));
  show('status', `Training on ${backend.name} …`);
  if (update % 10 === 0 || update === updates) {
    await tf.nextFrame();
    await drawForecast();
  }
}
show('status', `Trained on ${backend.name}. Tensors in tfjs beside what was there: ${tf.memory().numTensors - rest}.`);
document.body.dataset['state'] = 'done';
disposeTree(params);
