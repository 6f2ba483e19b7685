// Characters (batch · time) per second of one recurrent segment, forward and backward, on one thread.
// Build first, then: node scripts/bench-recurrent.js [cell] [hidden] [batch] [time] [input] [dtype]
import { createBackend } from '../dist/index.js';

const [cell = 'lstm', hidden = 128, batch = 32, time = 50, input = 64, dtype = 'f32'] = process.argv
  .slice(2)
  .map((word) => (Number.isNaN(Number(word)) ? word : Number(word)));
const gates = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 }[cell];
const backend = createBackend();

const random = (...shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = (dtype === 'f64' ? Float64Array : Float32Array).from(
    { length: size },
    (_, i) => 0.2 * Math.sin(i * 12.9898 + size),
  );
  return { handle: backend.write(data, shape, dtype), shape, dtype };
};
const args = {
  cell,
  reverse: false,
  input: random(time, batch, input),
  carry: cell === 'lstm' ? [random(batch, hidden), random(batch, hidden)] : [random(batch, hidden)],
  weightIh: random(gates * hidden, input),
  weightHh: random(gates * hidden, hidden),
  biasIh: random(gates * hidden),
  biasHh: random(gates * hidden),
  mask: null,
};
const outputCotangent = random(time, batch, hidden);
const wants = { input: true, carry: false, weights: true, delta: false };

function pass() {
  const start = performance.now();
  const { output, carry, saved } = backend.recurrentForward(args, true);
  const middle = performance.now();
  const gradients = backend.recurrentBackward({
    ...args,
    saved,
    outputCotangent,
    carryCotangents: carry.map(() => null),
    wants,
  });
  const end = performance.now();
  for (const result of [output, ...carry, ...Object.values(saved), ...Object.values(gradients)].flat()) {
    if (result) backend.release(result.handle);
  }
  return [middle - start, end - middle];
}

for (let n = 0; n < 5; n++) pass();
const times = Array.from({ length: 15 }, pass).sort((a, b) => a[0] + a[1] - b[0] - b[1]);
const [forward, backward] = times[times.length >> 1];
const seconds = (forward + backward) / 1000;
const flops = 6 * batch * time * gates * hidden * (input + hidden);
console.log(
  `${cell} H${hidden} B${batch} T${time} I${input} ${dtype}: ${Math.round((batch * time) / seconds)} characters/s, ` +
    `forward ${forward.toFixed(1)} ms, backward ${backward.toFixed(1)} ms, ${(flops / seconds / 1e9).toFixed(2)} GFLOP/s`,
);
