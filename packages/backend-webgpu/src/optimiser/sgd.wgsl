//! include controls.wgsl

// Whether `velocity` is bound to one, not to a stand-in.
override HAS_VELOCITY: bool = false;

struct Params {
  size: u32,
  gradientStart: u32,
  parameterStart: u32,
  velocityStart: u32,
  nesterov: u32,
  momentum: f32,
  decay: f32,
  controls: Controls,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> parameter: array<f32>;
@group(0) @binding(6) var<storage, read_write> velocity: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (heldBack(params.controls)) {
    return;
  }
  let learningRate = control(params.controls, RATE);
  let isFirst = control(params.controls, STEP) == 1.0;
  let scale = control(params.controls, SCALE);
  let begin = (group.x + group.y * groups.x) * 1024u + lane;
  for (var i = begin; i < min(begin + 1024u, params.size); i += 256u) {
    let p = parameter[params.parameterStart + i];
    let g = scale * gradient[params.gradientStart + i] + params.decay * p;
    var direction = g;
    if (HAS_VELOCITY) {
      // At step 1 the velocity's old value, whatever it is, has no part.
      var v = g;
      if (!isFirst) {
        v = params.momentum * velocity[params.velocityStart + i] + g;
      }
      velocity[params.velocityStart + i] = v;
      direction = v;
      if (params.nesterov != 0u) {
        direction = g + params.momentum * v;
      }
    }
    parameter[params.parameterStart + i] = p - learningRate * direction;
  }
}
