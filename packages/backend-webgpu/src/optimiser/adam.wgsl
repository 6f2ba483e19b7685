//! include controls.wgsl

// Whether `largest` is bound to the largest second moments so far (AMSGrad), not to a stand-in.
override AMSGRAD: bool = false;

struct Params {
  size: u32,
  gradientStart: u32,
  parameterStart: u32,
  firstStart: u32,
  secondStart: u32,
  largestStart: u32,
  // Of β1 and β2: its logarithm, β, and 1 − β, each rounded from f64.
  log1: f32,
  keep1: f32,
  take1: f32,
  log2: f32,
  keep2: f32,
  take2: f32,
  epsilon: f32,
  // λ: added to the gradient, or (AdamW) what times the learning rate is taken off the parameter.
  decay: f32,
  shrink: f32,
  controls: Controls,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(6) var<storage, read_write> first: array<f32>;
@group(0) @binding(7) var<storage, read_write> second: array<f32>;
@group(0) @binding(8) var<storage, read_write> largest: array<f32>;

// 1 − β^step, where `x` = step · log β ≤ 0: near 0 by the series of e^x − 1, so that a β near 1 loses nothing.
fn correction(x: f32) -> f32 {
  if (x < -0.5) {
    return 1.0 - exp(max(x, -80.0));
  }
  var sum = 1.0;
  for (var n = 9.0; n > 1.0; n -= 1.0) {
    sum = 1.0 + x / n * sum;
  }
  return -x * sum;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (heldBack(params.controls)) {
    return;
  }
  let learningRate = control(params.controls, RATE);
  let step = control(params.controls, STEP);
  let scale = control(params.controls, SCALE);
  let rate = learningRate / correction(step * params.log1);
  let rootScale = 1.0 / sqrt(correction(step * params.log2));
  let shrink = learningRate * params.shrink;
  let begin = (group.x + group.y * groups.x) * 1024u + lane;
  for (var i = begin; i < min(begin + 1024u, params.size); i += 256u) {
    let p = parameter[params.parameterStart + i];
    let g = scale * gradient[params.gradientStart + i] + params.decay * p;
    let m = params.keep1 * first[params.firstStart + i] + params.take1 * g;
    var v = params.keep2 * second[params.secondStart + i] + params.take2 * (g * g);
    first[params.firstStart + i] = m;
    second[params.secondStart + i] = v;
    if (AMSGRAD) {
      v = larger(largest[params.largestStart + i], v);
      largest[params.largestStart + i] = v;
    }
    parameter[params.parameterStart + i] = p - shrink * p - rate * m / (sqrt(v) * rootScale + params.epsilon);
  }
}
