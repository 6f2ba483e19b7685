import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockAllocator, type Block } from '../../src/memory/BlockAllocator.js';
import { classOf, granule, roundToClass } from '../../src/memory/sizeClass.js';

/** An allocator over [begin, end) that may grow to `limit`. */
function makeAllocator(begin: number, end: number, limit = end): { allocator: BlockAllocator; grown: number[] } {
  const grown: number[] = [];
  const allocator: BlockAllocator = new BlockAllocator(begin, end, (bytes) => {
    if (bytes > limit) return false;
    grown.push(bytes);
    allocator.extendTo(bytes);
    return true;
  });
  return { allocator, grown };
}

describe('size classes', () => {
  test('rounding wastes at most 1/16 beyond the granule, and gives a class its own size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (bytes) => {
        const rounded = roundToClass(bytes);
        expect(rounded % granule).toBe(0);
        expect(rounded).toBeGreaterThanOrEqual(bytes);
        expect(rounded).toBeLessThanOrEqual(Math.max(granule, bytes * (1 + 1 / 16) + granule));
        expect(roundToClass(rounded)).toBe(rounded);
        expect(classOf(rounded)).toBeGreaterThan(classOf(rounded - granule));
      }),
    );
  });
});

describe('the allocator', () => {
  test('never gives out the same byte twice, and joins all that comes back', () => {
    const begin = 100;
    const end = 2 ** 20;
    const operations = fc.array(fc.tuple(fc.boolean(), fc.nat(40_000)), { maxLength: 200 });
    fc.assert(
      fc.property(operations, (steps) => {
        const { allocator } = makeAllocator(begin, end);
        const live: Block[] = [];
        for (const [release, size] of steps) {
          if (release && live.length > 0) {
            allocator.release(live.splice(size % live.length, 1)[0]!);
            continue;
          }
          const block = allocator.allocate(size);
          if (block === null) continue;
          expect(block.pointer % granule).toBe(0);
          expect(block.pointer).toBeGreaterThanOrEqual(begin);
          expect(block.pointer + block.bytes).toBeLessThanOrEqual(end);
          for (const other of live) {
            expect(block.pointer + block.bytes <= other.pointer || other.pointer + other.bytes <= block.pointer).toBe(
              true,
            );
          }
          live.push(block);
        }
        for (const block of live) allocator.release(block);
        const { bytes, largest } = allocator.spare();
        expect(largest).toBe(bytes);
        expect(bytes).toBeGreaterThan(end - begin - 2 * granule);
      }),
      { numRuns: 60 },
    );
  });

  test('reuses the same blocks when a pattern of sizes repeats', () => {
    const { allocator, grown } = makeAllocator(0, 2 ** 16, 2 ** 24);
    const sizes = [5000, 64, 128_000, 777, 40_000, 777, 5000];
    const round = (): number[] => {
      const blocks = sizes.map((size) => allocator.allocate(size)!);
      for (const block of blocks.toReversed()) allocator.release(block);
      return blocks.map((block) => block.pointer);
    };
    round();
    const growths = grown.length;
    const second = round();
    for (let i = 0; i < 20; i++) expect(round()).toEqual(second);
    expect(grown.length).toBe(growths);
  });

  test('fills holes instead of growing', () => {
    const { allocator, grown } = makeAllocator(0, 2 ** 20);
    const blocks = Array.from({ length: 64 }, () => allocator.allocate(2 ** 14)!);
    expect(allocator.allocate(2 ** 14)).toBeNull();
    for (let i = 0; i < 64; i += 2) allocator.release(blocks[i]!);
    expect(allocator.allocate(2 ** 15)).toBeNull();
    for (let i = 0; i < 32; i++) expect(allocator.allocate(2 ** 14)).not.toBeNull();
    expect(grown).toEqual([]);
  });

  test('grows by what is missing beyond the free end', () => {
    const { allocator, grown } = makeAllocator(0, 2 ** 16, 2 ** 20);
    allocator.allocate(2 ** 15);
    const block = allocator.allocate(2 ** 16)!;
    expect(block.pointer).toBe(2 ** 15);
    expect(grown).toEqual([2 ** 15 + 2 ** 16]);
    expect(allocator.allocate(2 ** 20)).toBeNull();
  });
});
