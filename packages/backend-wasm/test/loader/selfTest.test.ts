import { BackendError } from '@tempograd/core/backend';
import { describe, expect, test, vi } from 'vitest';
import type { Build } from '../../src/loader/builds.js';
import { fastestRecipe } from '../../src/loader/recipes.js';
import { faultOf } from '../../src/selfTest/selfTest.js';
import { firstDifference } from '../../src/selfTest/firstDifference.js';
import { bytesOf, compileBytes } from '../support/compileHere.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Damage = (bytes: Bytes) => Bytes;

/** Instructions as they are encoded, all of one length. */
const add = [0xfd, 0xe4, 0x01];
const sub = [0xfd, 0xe5, 0x01];
const mul = [0xfd, 0xe6, 0x01];
const div = [0xfd, 0xe7, 0x01];
const madd = [0xfd, 0x85, 0x02];
const nmadd = [0xfd, 0x86, 0x02];
const trap = [0x00, 0x01, 0x01];

/** Where an instruction, or what looks like it, lies in a build. */
function placesOf(bytes: Bytes, instruction: readonly number[]): number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(0xfd); at >= 0; at = bytes.indexOf(0xfd, at + 1)) {
    if (instruction.every((byte, i) => bytes[at + i] === byte)) places.push(at);
  }
  return places;
}

/** Puts another instruction in the place of some. */
function replace(bytes: Bytes, places: readonly number[], instruction: readonly number[]): Bytes {
  const damaged = bytes.slice();
  for (const place of places) damaged.set(instruction, place);
  return damaged;
}

const damages: readonly (readonly [string, RegExp, Damage])[] = [
  ['adds the wrong way round', /differs/, (bytes) => replace(bytes, placesOf(bytes, madd), nmadd)],
  ['makes NaN', /differs/, (bytes) => replace(bytes, placesOf(bytes, mul), div)],
  ['traps', /failed: unreachable/, (bytes) => replace(bytes, placesOf(bytes, add), trap)],
  ['is cut short', /failed: /, (bytes) => bytes.slice(0, -100)],
  ['is no module', /failed: /, () => new Uint8Array(8)],
];

/** The loader, with nothing remembered, on builds one of which is damaged. */
async function loaderWith(damaged: Build | null, damage: Damage) {
  vi.resetModules();
  const kernelBytes = vi.fn<(build: Build) => Promise<Bytes>>(async (build) => {
    const bytes = await bytesOf(build);
    return build === damaged ? damage(bytes) : bytes;
  });
  vi.doMock('../../src/loader/kernelBytes.js', () => ({ kernelBytes }));
  return { ...(await import('../../src/loader/loadBuild.js')), kernelBytes };
}

const recipe = fastestRecipe();

describe.skipIf(recipe === null)('a build that is turned on', () => {
  const { build, reference } = recipe ?? { build: 'wide', reference: 'relaxed' };
  const next = build === 'wide' ? 'relaxed' : 'simd';

  test('is taken where it computes what another does, and tried once', async () => {
    const { loadBuild, kernelBytes } = await loaderWith(null, (bytes) => bytes);
    const loaded = await Promise.all(['auto', build, 'auto'].map((asked) => loadBuild(asked as Build, false)));
    expect(loaded.map((each) => each.build)).toEqual([build, build, build]);
    expect(new Set(loaded.map(({ module }) => module)).size).toBe(1);
    expect(kernelBytes).toHaveBeenCalledTimes(2);
  });

  test.each(damages)('is refused where it %s; the next one is taken, and info says why', async (_, reason, damage) => {
    const { loadBuild } = await loaderWith(build, damage);
    const loaded = await loadBuild('auto', false);
    expect(loaded.build).toBe(next);
    expect(loaded.reason).toContain(`'${build}' is not used, since`);
    expect(loaded.reason).toMatch(reason);
    const asked = loadBuild(build, false);
    await expect(asked).rejects.toThrow(`build '${build}' was asked for, but`);
    await expect(asked).rejects.toMatchObject({ name: BackendError.name });
  });

  test('is refused where the one it is compared with is damaged', async () => {
    const { loadBuild } = await loaderWith(reference, damages[0]![2]);
    expect((await loadBuild('auto', false)).reason).toMatch(
      /is not used, since result \d+ of \d+ of its self-test differs/,
    );
  });
});

describe('the self-test', async () => {
  const [relaxed, wide] = await Promise.all([bytesOf('relaxed'), bytesOf('wide')]);
  const reference = compileBytes(relaxed);
  const faultIn = (bytes: Bytes): string | null => {
    try {
      return faultOf({ candidate: compileBytes(bytes), reference, shared: false });
    } catch (error) {
      return String(error);
    }
  };

  test('finds nothing in a build that computes the same', () => {
    expect(faultIn(wide)).toBe(null);
  });

  test('finds nearly every instruction that is another', () => {
    const changes = [
      [add, sub],
      [mul, add],
      [madd, nmadd],
    ] as const;
    const mutants = changes.flatMap(([from, to]) => {
      const places = placesOf(wide, from);
      const some = places.filter((_, i) => i % Math.ceil(places.length / 8) === 0);
      return some.map((place) => replace(wide, [place], to));
    });
    const unnoticed = mutants.filter((mutant) => faultIn(mutant) === null);
    expect(mutants.length).toBeGreaterThan(12);
    expect(unnoticed.length).toBeLessThanOrEqual(mutants.length / 4);
  });

  test('takes one NaN for another, and tells zeros apart', () => {
    const nan = (bits: number) => new Float32Array(Int32Array.of(bits).buffer);
    expect(firstDifference([nan(0x7fc00000)], [nan(-0x400000)])).toBe(-1);
    expect(firstDifference([Float32Array.of(1, 0)], [Float32Array.of(1, -0)])).toBe(0);
    expect(firstDifference([Float32Array.of(1), Float32Array.of(NaN)], [Float32Array.of(1), Float32Array.of(2)])).toBe(
      1,
    );
    expect(firstDifference([Float32Array.of(1)], [Float32Array.of(1, 2)])).toBe(0);
    expect(firstDifference([Int32Array.of(1)], [])).toBe(0);
  });
});
