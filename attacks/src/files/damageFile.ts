import { readSafetensors, writeSafetensors, type StoredTensor } from '@tempograd/nn';
import type { Random } from '../Random.js';
import { damagesOfBytes, endOfHeader, joined } from './damageBytes.js';
import { damageJson } from './damageJson.js';
import type { SoundFile } from './soundFiles.js';

/** A file that was damaged. */
export interface DamagedFile {
  readonly bytes: Uint8Array;
  /** What was done to it, in words. */
  readonly damage: string;
  /**
   * Whether a digest still speaks for what it was: then it can only be read as what it was, or not at all. A file that was
   * changed and then signed is another file, which may be a sound one.
   */
  readonly signed: boolean;
}

/** Damages a file in one of many ways. */
export function damageFile(file: SoundFile, others: readonly SoundFile[], random: Random): DamagedFile {
  const { bytes } = file;
  const way = random.whole(0, 10);
  if (way < 4) {
    const [damage, change] = random.pick(Object.entries(damagesOfBytes));
    return damaged(
      change(bytes, random, random.pick(others.filter((each) => each !== file)).bytes),
      damage,
      file.signed,
    );
  }
  if (way < 6) {
    const header = new TextDecoder().decode(bytes.subarray(8, endOfHeader(bytes)));
    return damaged(withHeader(bytes, damageHeader(header, random)), 'a changed header', file.signed);
  }
  const { tensors, metadata } = readSafetensors(bytes);
  const entries = Object.entries(metadata).filter(([, value]) => /^[[{]/.test(value));
  if (way < 9 && entries.length > 0) {
    const [name, value] = random.pick(entries);
    const changed = { ...metadata, [name]: damageJson(value, random) };
    return { bytes: writeSafetensors(tensors, changed), damage: `changed ${name}`, signed: false };
  }
  return {
    bytes: writeSafetensors(damageTensors(tensors, random), metadata),
    damage: 'changed tensors',
    signed: false,
  };
}

/** Without the digest's name there is no digest that speaks for anything. */
function damaged(bytes: Uint8Array, damage: string, signed: boolean): DamagedFile {
  return { bytes, damage, signed: signed && Buffer.from(bytes).includes('"tempograd.sha256"') };
}

function damageHeader(header: string, random: Random): string {
  switch (random.whole(0, 4)) {
    case 0:
      return random.pick(['\uFEFF', ' ', '\n', '[', '']) + header.trimEnd() + random.pick(['', ' ', ',', '}', '\0']);
    case 1:
      return header.replace(
        '"F32"',
        random.pick(['"I32"', '"F16"', '"F64"', '"BOOL"', '"I64"', '"constructor"', 'null']),
      );
    default:
      return damageJson(header, random);
  }
}

function withHeader(bytes: Uint8Array, header: string): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return joined(length, text, bytes.subarray(endOfHeader(bytes)));
}

function damageTensors(sound: ReadonlyMap<string, StoredTensor>, random: Random): Map<string, StoredTensor> {
  const tensors = new Map(sound);
  const names = [...tensors.keys()];
  const [name, other] = [random.pick(names), random.pick(names)];
  const { dtype, shape, data } = tensors.get(name) as StoredTensor;
  const filled = (value: number): StoredTensor => ({ dtype, shape, data: data.slice().fill(value) });
  const changes: (() => unknown)[] = [
    () => tensors.delete(name),
    () => tensors.set(random.pick(['x', '', 'run.carry.x', 'params.x', `${name}.x`]), filled(0)),
    () => tensors.set(other, filled(1)),
    () => tensors.set(name, tensors.get(other) as StoredTensor).set(other, { dtype, shape, data }),
    () => tensors.set(name, filled(random.pick([NaN, Infinity, 1e38, -1]))),
    () => tensors.set(name, { dtype: 'i32', shape, data: Int32Array.from(data) }),
    () => tensors.set(name, { dtype: 'f64', shape, data: Float64Array.from(data) }),
    () => tensors.set(name, { dtype, shape: shape.toReversed(), data }),
    () => tensors.set(name, { dtype, shape: [1, ...shape], data }),
    () => tensors.set(name, { dtype, shape: [...shape, 0], data: data.slice(0, 0) }),
    () => tensors.set(name, { dtype: 'f32', shape: [], data: new Float32Array(1) }),
  ];
  random.pick(changes)();
  return tensors;
}
