//! include packing.wgsl
// U as `[⌈H/4⌉, G·H]` vectors over k, then the biases that are added to `W x` and gru's d_n.

fn vectorAt(i: u32) -> vec4f {
  let h = params.hidden;
  let width = params.gates * h;
  let k = i / width * 4u;
  if (k >= h) { return biasesFrom((i - (h + 3u) / 4u * width) * 4u); }
  let column = params.weights + i % width * h;
  var value = vec4f();
  for (var e = 0u; e < 4u; e++) {
    if (k + e < h) { value[e] = weights[column + k + e]; }
  }
  return value;
}

fn biasAt(i: u32) -> f32 {
  let h = params.hidden;
  let width = params.gates * h;
  if (params.biased == 0u || i >= width + h) { return 0.0; }
  // The last gate of gru adds d after the reset.
  if (i >= width) { return select(0.0, biasHh[params.biasHh + i - h], params.resets != 0u); }
  let later = params.resets != 0u && i >= 2u * h;
  return biasIh[params.biasIh + i] + select(biasHh[params.biasHh + i], 0.0, later);
}

fn biasesFrom(i: u32) -> vec4f {
  return vec4f(biasAt(i), biasAt(i + 1u), biasAt(i + 2u), biasAt(i + 3u));
}
