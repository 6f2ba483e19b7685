//! include controls.wgsl

// Whether `velocity` and `mean` are bound to such, not to stand-ins.
override HAS_VELOCITY: bool = false;
override CENTRED: bool = false;

struct Params {
  size: u32,
  gradientStart: u32,
  parameterStart: u32,
  squareStart: u32,
  velocityStart: u32,
  meanStart: u32,
  // α and 1 − α.
  keep: f32,
  take: f32,
  epsilon: f32,
  momentum: f32,
  decay: f32,
  controls: Controls,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(6) var<storage, read_write> square: array<f32>;
@group(0) @binding(7) var<storage, read_write> velocity: array<f32>;
@group(0) @binding(8) var<storage, read_write> mean: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (heldBack(params.controls)) {
    return;
  }
  let learningRate = control(params.controls, RATE);
  let scale = control(params.controls, SCALE);
  let begin = (group.x + group.y * groups.x) * 1024u + lane;
  for (var i = begin; i < min(begin + 1024u, params.size); i += 256u) {
    let p = parameter[params.parameterStart + i];
    let g = scale * gradient[params.gradientStart + i] + params.decay * p;
    let q = params.keep * square[params.squareStart + i] + params.take * (g * g);
    square[params.squareStart + i] = q;
    var variance = q;
    if (CENTRED) {
      let a = params.keep * mean[params.meanStart + i] + params.take * g;
      mean[params.meanStart + i] = a;
      variance = larger(q - a * a, 0.0);
    }
    var direction = g / (sqrt(variance) + params.epsilon);
    if (HAS_VELOCITY) {
      direction = params.momentum * velocity[params.velocityStart + i] + direction;
      velocity[params.velocityStart + i] = direction;
    }
    parameter[params.parameterStart + i] = p - learningRate * direction;
  }
}
