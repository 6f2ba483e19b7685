//! include ../math/gates.wgsl
//! include ../math/exp.wgsl

// Which function: its place in `unaryOps` of the contract.
override OP: u32 = 0;

struct Params {
  size: u32,
  start: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<f32>;

fn apply(v: f32) -> f32 {
  switch OP {
    case 0u: { return -v; }
    case 1u: { return abs(v); }
    case 2u: { return sign(v); }
    case 3u: { return floor(v); }
    case 4u: { return expOf(v); }
    case 5u: { return log(v); }
    case 6u: { return log(1.0 + v); }
    case 7u: { return sqrt(v); }
    case 8u: { return sin(v); }
    case 9u: { return cos(v); }
    case 10u: { return tanhOf(v); }
    case 11u: { return sigmoidOf(v); }
    default: { return select(max(v, 0.0), v, isNan(v)); }
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i < params.size) {
    result[i] = apply(x[params.start + i]);
  }
}
