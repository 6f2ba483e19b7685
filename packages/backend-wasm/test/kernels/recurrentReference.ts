/** What a whole segment is, in f64 and plain loops: the reference that the kernels are compared with. */

export type Cell = 'rnnTanh' | 'rnnRelu' | 'lstm' | 'gru';
export const cells: readonly Cell[] = ['rnnTanh', 'rnnRelu', 'lstm', 'gru'];
export const gatesOf: Readonly<Record<Cell, number>> = { rnnTanh: 1, rnnRelu: 1, lstm: 4, gru: 3 };

type Floats = ArrayLike<number>;

export interface Segment {
  readonly cell: Cell;
  readonly time: number;
  readonly batch: number;
  readonly inputSize: number;
  readonly size: number;
  readonly reverse: boolean;
  readonly input: Floats;
  readonly weightIh: Floats;
  readonly weightHh: Floats;
  readonly biasIh: Floats | null;
  readonly biasHh: Floats | null;
  readonly mask: ArrayLike<number> | null;
  readonly h0: Floats;
  readonly c0: Floats;
}

export interface Forward {
  readonly output: Float64Array;
  readonly hT: Float64Array;
  readonly cT: Float64Array;
  readonly gates: Float64Array;
  readonly states: Float64Array;
  readonly extra: Float64Array;
}

export interface Cotangents {
  readonly output: Floats | null;
  readonly hT: Floats | null;
  readonly cT: Floats | null;
}

export interface Gradients {
  readonly input: Float64Array;
  readonly h0: Float64Array;
  readonly c0: Float64Array;
  readonly weightIh: Float64Array;
  readonly weightHh: Float64Array;
  readonly biasIh: Float64Array;
  readonly biasHh: Float64Array;
  readonly delta: Float64Array;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Times in the order in which the segment runs. */
function order({ time, reverse }: Segment): number[] {
  const times = Array.from({ length: time }, (_, t) => t);
  return reverse ? times.reverse() : times;
}

/** The forward pass. */
export function referenceForward(x: Segment): Forward {
  const { cell, time, batch, inputSize, size } = x;
  const gateRows = gatesOf[cell] * size;
  const h = Float64Array.from(x.h0),
    c = Float64Array.from(x.c0);
  const output = new Float64Array(time * batch * size),
    states = output.slice(),
    extra = output.slice();
  const gates = new Float64Array(time * batch * gateRows);
  for (const t of order(x)) {
    for (let b = 0; b < batch; b++) {
      const row = t * batch + b;
      if (x.mask === null || x.mask[row] !== 0) {
        const fromInput = new Float64Array(gateRows),
          fromHidden = new Float64Array(gateRows);
        for (let r = 0; r < gateRows; r++) {
          let sum = x.biasIh === null ? 0 : x.biasIh[r]!;
          for (let i = 0; i < inputSize; i++) sum += x.weightIh[r * inputSize + i]! * x.input[row * inputSize + i]!;
          fromInput[r] = sum;
          sum = x.biasHh === null ? 0 : x.biasHh[r]!;
          for (let i = 0; i < size; i++) sum += x.weightHh[r * size + i]! * h[b * size + i]!;
          fromHidden[r] = sum;
        }
        for (let j = 0; j < size; j++) {
          const at = b * size + j;
          const gate = (n: number): number => fromInput[n * size + j]! + fromHidden[n * size + j]!;
          const save = (n: number, value: number): number => (gates[row * gateRows + n * size + j] = value);
          if (cell === 'lstm') {
            const i = save(0, sigmoid(gate(0))),
              f = save(1, sigmoid(gate(1)));
            const g = save(2, Math.tanh(gate(2))),
              o = save(3, sigmoid(gate(3)));
            c[at] = f * c[at]! + i * g;
            h[at] = o * Math.tanh(c[at]);
          } else if (cell === 'gru') {
            const r = save(0, sigmoid(gate(0))),
              z = save(1, sigmoid(gate(1)));
            extra[row * size + j] = fromHidden[2 * size + j]!;
            const n = save(2, Math.tanh(fromInput[2 * size + j]! + r * fromHidden[2 * size + j]!));
            h[at] = (1 - z) * n + z * h[at]!;
          } else {
            h[at] = save(0, cell === 'rnnTanh' ? Math.tanh(gate(0)) : Math.max(gate(0), 0));
          }
        }
        for (let j = 0; j < size; j++) output[row * size + j] = h[b * size + j]!;
      }
      for (let j = 0; j < size; j++) {
        states[row * size + j] = h[b * size + j]!;
        if (cell === 'lstm') extra[row * size + j] = c[b * size + j]!;
      }
    }
  }
  return { output, hT: h, cT: c, gates, states, extra };
}

/** The backward pass. */
export function referenceBackward(x: Segment, forward: Forward, cotangents: Cotangents): Gradients {
  const { cell, time, batch, inputSize, size } = x;
  const gateRows = gatesOf[cell] * size;
  const zeros = (length: number): Float64Array => new Float64Array(length);
  const dh = cotangents.hT === null ? zeros(batch * size) : Float64Array.from(cotangents.hT);
  const dc = cotangents.cT === null ? zeros(batch * size) : Float64Array.from(cotangents.cT);
  const result: Gradients = {
    input: zeros(time * batch * inputSize),
    h0: dh,
    c0: dc,
    weightIh: zeros(gateRows * inputSize),
    weightHh: zeros(gateRows * size),
    biasIh: zeros(gateRows),
    biasHh: zeros(gateRows),
    delta: zeros(time * batch * size),
  };
  for (const t of order(x).reverse()) {
    const before = x.reverse ? t + 1 : t - 1;
    const inside = before >= 0 && before < time;
    for (let b = 0; b < batch; b++) {
      const row = t * batch + b;
      const active = x.mask === null || x.mask[row] !== 0;
      if (active && cotangents.output !== null) {
        for (let j = 0; j < size; j++) dh[b * size + j]! += cotangents.output[row * size + j]!;
      }
      for (let j = 0; j < size; j++) result.delta[row * size + j] = dh[b * size + j]!;
      if (!active) continue;
      const stateBefore = (source: Float64Array, first: Floats, j: number): number =>
        inside ? source[(before * batch + b) * size + j]! : first[b * size + j]!;
      const dInner = zeros(gateRows),
        dOuter = zeros(gateRows);
      const direct = zeros(size);
      for (let j = 0; j < size; j++) {
        const at = b * size + j;
        const gate = (n: number): number => forward.gates[row * gateRows + n * size + j]!;
        const set = (n: number, value: number): number => (dInner[n * size + j] = dOuter[n * size + j] = value);
        const d = dh[at]!;
        if (cell === 'lstm') {
          const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
          const squashed = Math.tanh(forward.extra[row * size + j]!);
          const dCell = dc[at]! + d * o * (1 - squashed ** 2);
          set(0, dCell * g * i * (1 - i));
          set(1, dCell * stateBefore(forward.extra, x.c0, j) * f * (1 - f));
          set(2, dCell * i * (1 - g ** 2));
          set(3, d * squashed * o * (1 - o));
          dc[at] = dCell * f;
        } else if (cell === 'gru') {
          const [r, z, n] = [gate(0), gate(1), gate(2)];
          const dN = set(2, d * (1 - z) * (1 - n ** 2));
          dOuter[2 * size + j] = dN * r;
          set(0, dN * forward.extra[row * size + j]! * r * (1 - r));
          set(1, d * (stateBefore(forward.states, x.h0, j) - n) * z * (1 - z));
          direct[j] = d * z;
        } else {
          set(0, cell === 'rnnTanh' ? d * (1 - gate(0) ** 2) : gate(0) > 0 ? d : 0);
        }
      }
      for (let j = 0; j < size; j++) dh[b * size + j] = direct[j]!;
      for (let r = 0; r < gateRows; r++) {
        result.biasIh[r]! += dInner[r]!;
        result.biasHh[r]! += dOuter[r]!;
        for (let i = 0; i < inputSize; i++) {
          result.weightIh[r * inputSize + i]! += dInner[r]! * x.input[row * inputSize + i]!;
          result.input[row * inputSize + i]! += dInner[r]! * x.weightIh[r * inputSize + i]!;
        }
        for (let j = 0; j < size; j++) {
          result.weightHh[r * size + j]! += dOuter[r]! * stateBefore(forward.states, x.h0, j);
          dh[b * size + j]! += dOuter[r]! * x.weightHh[r * size + j]!;
        }
      }
    }
  }
  return result;
}
