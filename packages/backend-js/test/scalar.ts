/** A number that remembers how it was made: reverse differentiation in its smallest form, the tests' own and nobody else's. */
export class Scalar {
  gradient = 0;
  readonly value: number;
  readonly #parents: readonly (readonly [Scalar, number])[];

  constructor(value: number, parents: readonly (readonly [Scalar, number])[] = []) {
    this.value = value;
    this.#parents = parents;
  }

  plus(other: Scalar): Scalar {
    return new Scalar(this.value + other.value, [[this, 1], [other, 1]]); // prettier-ignore
  }

  times(other: Scalar): Scalar {
    return new Scalar(this.value * other.value, [[this, other.value], [other, this.value]]); // prettier-ignore
  }

  oneMinus(): Scalar {
    return new Scalar(1 - this.value, [[this, -1]]);
  }

  tanh(): Scalar {
    const y = Math.tanh(this.value);
    return new Scalar(y, [[this, 1 - y * y]]);
  }

  sigmoid(): Scalar {
    const y = 1 / (1 + Math.exp(-this.value));
    return new Scalar(y, [[this, y * (1 - y)]]);
  }

  relu(): Scalar {
    return new Scalar(Math.max(this.value, 0), [[this, this.value > 0 ? 1 : 0]]);
  }

  /** The same number, a node of its own. */
  copy(): Scalar {
    return new Scalar(this.value, [[this, 1]]);
  }

  /** Adds `∂this/∂node` to the gradient of every node this was made from. */
  backward(): void {
    const order: Scalar[] = [];
    const seen = new Set<Scalar>();
    const visit = (node: Scalar): void => {
      if (seen.has(node)) return;
      seen.add(node);
      for (const [parent] of node.#parents) visit(parent);
      order.push(node);
    };
    visit(this);
    this.gradient = 1;
    for (const node of order.reverse()) {
      for (const [parent, slope] of node.#parents) parent.gradient += node.gradient * slope;
    }
  }
}

export function total(xs: readonly Scalar[]): Scalar {
  return xs.reduce((sum, x) => sum.plus(x), new Scalar(0));
}
