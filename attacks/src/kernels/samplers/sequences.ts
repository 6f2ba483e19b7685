import type { KernelCase, Sampler } from '../KernelCase.js';
import type { Sample } from '../Sample.js';

const rotations = [13, 15, 26, 6, 17, 29, 16, 24];

/** Two words of Threefry-2x32 with 20 rounds. */
function threefry(key: readonly [number, number], low: number, high: number): [number, number] {
  const keys = [...key, key[0] ^ key[1] ^ 0x1bd11bda];
  let x = (low + key[0]) | 0;
  let y = (high + key[1]) | 0;
  for (let round = 0; round < 20; round++) {
    x = (x + y) | 0;
    const by = rotations[round % 8]!;
    y = ((y << by) | (y >>> (32 - by))) ^ x;
    if (round % 4 < 3) continue;
    const group = (round + 1) / 4;
    x = (x + keys[group % 3]!) | 0;
    y = (y + keys[(group + 1) % 3]! + group) | 0;
  }
  return [x, y];
}

function randomUniform(sample: Sample): KernelCase {
  const length = sample.length(500);
  const [key0, key1] = sample.anyIntegers(2) as unknown as [number, number];
  const first = sample.chance(0.3) ? 2 ** 32 - sample.random.whole(0, 40) : sample.random.whole(0, 2 ** 32);
  const high = sample.random.whole(0, 100);
  const skip = sample.random.whole(0, 2);
  const values = Array.from({ length }, (_, i) => {
    const block = BigInt(high) * 2n ** 32n + BigInt(first) + BigInt(Math.floor((i + skip) / 2));
    const words = threefry([key0, key1], Number(block & 0xffffffffn), Number(block >> 32n));
    return (words[(i + skip) % 2]! >>> 8) * 2 ** -24;
  });
  const out = sample.output('out', values);
  return {
    title: `of ${length}`,
    blocks: [out],
    steps: [{ task: 'randomUniform', words: [out, length, key0, key1, first, high, skip] }],
  };
}

const step = 2 ** -22;

function linearScanForward(sample: Sample): KernelCase {
  const [time, width] = [sample.length(40, 1), sample.length(100)];
  const a = sample.input('a', sample.floats(time * width));
  const b = sample.input('b', sample.floats(time * width));
  const h0 = sample.input('h0', sample.floats(width));
  const values = new Float64Array(time * width);
  const errors = new Float64Array(time * width);
  for (let at = 0; at < time * width; at++) {
    const before = at < width ? h0.data[at]! : values[at - width]!;
    values[at] = a.data[at]! * before + b.data[at]!;
    const grown = Math.abs(a.data[at]!) * (at < width ? 0 : errors[at - width]!);
    errors[at] = grown + step * (Math.abs(a.data[at]! * before) + Math.abs(b.data[at]!));
  }
  const h = sample.output('h', values, (at) => errors[at]!);
  return {
    title: `of [${time}, ${width}]`,
    blocks: [a, b, h0, h],
    steps: [{ task: 'linearScanForward', words: [a, b, h0, h, time, width] }],
  };
}

function linearScanBackward(sample: Sample): KernelCase {
  const [time, width] = [sample.length(40, 1), sample.length(100)];
  const [a, h, g] = ['a', 'h', 'g'].map((name) => sample.input(name, sample.floats(time * width)));
  const h0 = sample.input('h0', sample.floats(width));
  const [da, db, daErrors, dbErrors] = [0, 0, 0, 0].map(() => new Float64Array(time * width));
  const [carried, errors] = [new Float64Array(width), new Float64Array(width)];
  for (let at = time * width - 1; at >= 0; at--) {
    const column = at % width;
    const before = at < width ? h0.data[at]! : h!.data[at - width]!;
    db![at] = g!.data[at]! + carried[column]!;
    dbErrors![at] = errors[column]! + step * (Math.abs(g!.data[at]!) + Math.abs(carried[column]!));
    da![at] = db![at]! * before;
    daErrors![at] = (dbErrors![at]! + step * Math.abs(db![at]!)) * Math.abs(before);
    carried[column] = a!.data[at]! * db![at]!;
    errors[column] = (dbErrors![at]! + step * Math.abs(db![at]!)) * Math.abs(a!.data[at]!);
  }
  const outs = [
    sample.output('da', da!, (at) => daErrors![at]!),
    sample.output('db', db!, (at) => dbErrors![at]!),
    sample.output('dh0', carried, (at) => errors[at]!),
  ];
  return {
    title: `of [${time}, ${width}]`,
    blocks: [a!, h!, h0, g!, ...outs],
    steps: [{ task: 'linearScanBackward', words: [a!, h!, h0, g!, ...outs, time, width] }],
  };
}

/** Random numbers by counter, and linear recurrences. */
export const sequences: Readonly<Record<string, Sampler>> = { randomUniform, linearScanForward, linearScanBackward };
