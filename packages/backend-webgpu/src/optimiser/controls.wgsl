//! include ../math/float.wgsl

// What a step takes from its update: learning rate, number of the step, scale of the gradient, guard, in this order. `slots` tells
// which of the three buffers of scalars holds each, at which word `words` tells; of slot 3 the word is the value's bits.
struct Controls {
  slots: vec4u,
  words: vec4u,
}

const RATE = 0u;
const STEP = 1u;
const SCALE = 2u;
const GUARD = 3u;

@group(0) @binding(1) var<storage, read> scalars0: array<u32>;
@group(0) @binding(2) var<storage, read> scalars1: array<u32>;
@group(0) @binding(3) var<storage, read> scalars2: array<u32>;

fn controlBits(controls: Controls, which: u32) -> u32 {
  let word = controls.words[which];
  switch controls.slots[which] {
    case 0u: { return scalars0[word]; }
    case 1u: { return scalars1[word]; }
    case 2u: { return scalars2[word]; }
    default: { return word; }
  }
}

fn control(controls: Controls, which: u32) -> f32 {
  return bitcast<f32>(controlBits(controls, which));
}

// Whether the guard, as bits, holds the step back: it is NaN or infinite.
fn heldBack(controls: Controls) -> bool {
  return (controlBits(controls, GUARD) & 0x7f800000u) == 0x7f800000u;
}

// max(a, b), and NaN where one of them is.
fn larger(a: f32, b: f32) -> f32 {
  return select(max(a, b), a + b, isNan(a) || isNan(b));
}
