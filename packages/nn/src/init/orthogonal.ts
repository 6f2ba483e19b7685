import { normalWith } from './draws.js';
import { fansOf, type Initialiser } from './Initialiser.js';

/**
 * `gain · Q` with Q uniform among matrices whose rows (or columns, where there are more rows than columns) are orthonormal:
 * the QR decomposition of a normal matrix, with R's diagonal made positive. An orthogonal recurrence neither shrinks nor
 * stretches a gradient. Source: Saxe, McClelland & Ganguli 2014; the signs: Mezzadri 2007.
 */
export function orthogonal(gain = 1): Initialiser {
  return (key, shape) => {
    const { fanIn: columns, fanOut: rows } = fansOf('orthogonal', shape);
    const count = Math.min(rows, columns);
    const length = Math.max(rows, columns);
    const vectors = orthonormalise(normalWith(key, [count, length], 1), count, length);
    const values = new Float64Array(rows * columns);
    for (let vector = 0; vector < count; vector++) {
      for (let index = 0; index < length; index++) {
        const at = rows <= columns ? vector * columns + index : index * columns + vector;
        values[at] = gain * (vectors[vector * length + index] as number);
      }
    }
    return values;
  };
}

/**
 * Rows made orthonormal in their order by Gram and Schmidt; projecting twice leaves rounding errors only ("twice is enough").
 * The row that remains is scaled by a positive number, which is the positive diagonal of R.
 */
function orthonormalise(values: Float64Array, count: number, length: number): Float64Array {
  const rowAt = (index: number): Float64Array => values.subarray(index * length, (index + 1) * length);
  for (let index = 0; index < count; index++) {
    const row = rowAt(index);
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < index; other++) {
        const unit = rowAt(other);
        const overlap = dot(row, unit);
        for (let i = 0; i < length; i++) row[i] = (row[i] as number) - overlap * (unit[i] as number);
      }
    }
    const norm = Math.sqrt(dot(row, row));
    for (let i = 0; i < length; i++) row[i] = (row[i] as number) / norm;
  }
  return values;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index] as number) * (b[index] as number);
  return sum;
}
