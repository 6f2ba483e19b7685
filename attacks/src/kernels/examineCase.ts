import type { KernelCase } from './KernelCase.js';
import type { Computer } from './Machine.js';

type Numbers = KernelCase['blocks'][number]['data'];

/**
 * Every fault of a case: results that are not as wanted, blocks that changed and should not, and other bits for another number of
 * parts, or in one of the builds whose names `alike` lists.
 */
export function examineCase(
  it: KernelCase,
  machines: readonly Computer[],
  atEnd: number,
  alike: readonly string[],
): string[] {
  const faults: string[] = [];
  let first: { readonly name: string; readonly results: readonly Numbers[] } | null = null;
  for (const machine of machines) {
    let one: readonly Numbers[] | null = null;
    for (const parts of [1, 2, 3]) {
      const name = `${machine.name}, ${parts} ${parts === 1 ? 'part' : 'parts'}`;
      let results: readonly Numbers[];
      try {
        results = machine.run(it, parts, parts === 2, atEnd);
      } catch (error) {
        faults.push(`${name}: ${String(error)}`);
        continue;
      }
      if (one === null) {
        one = results;
        faults.push(...it.blocks.flatMap((_, at) => wrong(it, at, results).map((fault) => `${name}: ${fault}`)));
        if (alike.includes(machine.name)) {
          first ??= { name, results };
          faults.push(
            ...others(it, results, first.results).map((fault) => `${name}: other bits than ${first!.name}, ${fault}`),
          );
        }
      } else faults.push(...others(it, results, one).map((fault) => `${name}: other bits than one part, ${fault}`));
    }
  }
  return faults;
}

/** The first fault of a block's result. */
function wrong({ blocks }: KernelCase, index: number, results: readonly Numbers[]): string[] {
  const { name, data, wanted } = blocks[index]!;
  const actual = results[index]!;
  if (wanted === 'anything') return [];
  if (wanted === null) {
    const at = differing(actual, data, true);
    return at < 0 ? [] : [`${name}[${at}] was overwritten with ${actual[at]}`];
  }
  const at = actual.findIndex((value, i) => !isWanted(value, wanted.values[i]!, wanted.within(i)));
  return at < 0 ? [] : [`${name}[${at}] is ${actual[at]}, not ${wanted.values[at]} within ${wanted.within(at)}`];
}

function isWanted(value: number, wanted: number, within: number): boolean {
  if (Number.isNaN(wanted)) return Number.isNaN(value);
  return Object.is(value, wanted) || Math.abs(value - wanted) <= within || (within > 0 && value === wanted);
}

/** Where results of two runs are not the same bits. */
function others({ blocks }: KernelCase, results: readonly Numbers[], wanted: readonly Numbers[]): string[] {
  return blocks.flatMap(({ name }, index) => {
    const [a, b] = [results[index]!, wanted[index]!];
    const at = differing(a, b, false);
    return at < 0 ? [] : [`${name}[${at}] is ${a[at]}, not ${b[at]}`];
  });
}

/** The first place with other bits, or −1; one NaN is as good as another unless `strict`. */
function differing(a: Numbers, b: Numbers, strict: boolean): number {
  const [x, y] = [bytesOf(a), bytesOf(b)];
  if (Buffer.compare(x, y) === 0) return -1;
  const size = a.BYTES_PER_ELEMENT;
  return a.findIndex((value, i) => {
    if (!strict && Number.isNaN(value) && Number.isNaN(b[i])) return false;
    return Buffer.compare(x.subarray(i * size, (i + 1) * size), y.subarray(i * size, (i + 1) * size)) !== 0;
  });
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
