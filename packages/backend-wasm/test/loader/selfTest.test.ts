import { BackendError } from '@tempograd/core/backend';
import { describe, expect, test, vi } from 'vitest';
import type { Build } from '../../src/loader/builds.js';
import { withFlags } from '../../src/loader/engineFlags.js';
import { fastestRecipe } from '../../src/loader/recipes.js';
import { canFuse } from '../../src/loader/probes.js';
import { answers } from '../../src/selfTest/answers.js';
import { digest } from '../../src/selfTest/digest.js';
import { answersOf, faultOf } from '../../src/selfTest/selfTest.js';
import { bytesOf, compileBytes, withRelaxedSimd } from '../support/compileHere.js';

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

/** Where the bodies of a build's functions lie: from each one's first byte to the one behind its last. */
function bodiesOf(bytes: Bytes): [number, number][] {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] as number;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const codeSection = 10;
  for (;;) {
    const [section, length] = [bytes[at++], number()];
    if (section === codeSection) break;
    at += length;
  }
  return Array.from({ length: number() }, () => {
    const [length, begin] = [number(), at];
    at += length;
    return [begin, at];
  });
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
  const { build } = recipe ?? { build: 'wide' };
  const next = build === 'wide' ? 'relaxed' : 'simd';

  test('is taken where it computes what another does, and tried once', async () => {
    const { loadBuild, kernelBytes } = await loaderWith(null, (bytes) => bytes);
    const loaded = await Promise.all(['auto', build, 'auto'].map((asked) => loadBuild(asked as Build, false)));
    expect(loaded.map((each) => each.build)).toEqual([build, build, build]);
    expect(new Set(loaded.map(({ module }) => module)).size).toBe(1);
    expect(kernelBytes).toHaveBeenCalledTimes(1);
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
});

describe('the self-test', async () => {
  const [simd, relaxed, wide] = await Promise.all([bytesOf('simd'), bytesOf('relaxed'), bytesOf('wide')]);
  const faultIn = (bytes: Bytes): string | null => {
    try {
      return faultOf(compileBytes(bytes), false);
    } catch (error) {
      return String(error);
    }
  };

  // What an engine makes of a damaged build is the same however it compiles it, and there are a hundred of them.
  const quickly = { set: '--liftoff-only', default: '--no-liftoff-only' };
  const faultInDamaged = (bytes: Bytes): string | null => withFlags([quickly], () => faultIn(bytes));

  test('knows what the plain builds compute', () => {
    expect(answersOf(compileBytes(simd), false)).toEqual(answers.apart);
    expect(answersOf(compileBytes(relaxed), false)).toEqual(withRelaxedSimd(canFuse) ? answers.fused : answers.apart);
  });

  test.each([
    ['simd', simd],
    ['relaxed', relaxed],
    ['wide', wide],
  ])('finds nothing in the %s build', (_, bytes) => {
    expect(faultIn(bytes)).toBe(null);
  });

  test('finds a fault of any function that computes, in every family', () => {
    const changes = [
      [madd, nmadd],
      [add, sub],
      [mul, div],
    ] as const;
    const faults = bodiesOf(wide).flatMap(([begin, end]) => {
      const inside = changes.map(([from, to]) => {
        const places = placesOf(wide, from).filter((place) => place >= begin && place < end);
        return [places, to] as const;
      });
      const [places, to] = inside.find(([some]) => some.length > 0) ?? [[], add];
      return places.length > 0 ? [faultInDamaged(replace(wide, places, to))] : [];
    });
    expect(faults.length).toBeGreaterThan(40);
    expect(faults.filter((fault) => fault === null)).toEqual([]);
    const found = new Set(faults.map((fault) => /self-test of (\w+) differs/.exec(fault ?? '')?.[1]));
    expect(found).toEqual(new Set(Object.keys(answers.fused)));
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
    const unnoticed = mutants.filter((mutant) => faultInDamaged(mutant) === null);
    expect(mutants.length).toBeGreaterThan(12);
    expect(unnoticed.length).toBeLessThanOrEqual(mutants.length / 4);
  });

  test('takes one NaN for another, and tells zeros, places and lengths apart', () => {
    const bits = (values: Float32Array) => new Int32Array(values.buffer);
    const nan = Int32Array.of(0x7fc00000);
    expect(digest(Int32Array.of(-0x400000), true, 1)).toBe(digest(nan, true, 1));
    expect(digest(Int32Array.of(-1), false, 1)).not.toBe(digest(nan, false, 1));
    const known = digest(bits(Float32Array.of(1, 0)), true, 0);
    for (const other of [[1, -0], [0, 1], [1], [1, 0, 0], [1, NaN], [1, 1e-45]]) {
      expect(digest(bits(Float32Array.from(other)), true, 0)).not.toBe(known);
    }
  });
});
