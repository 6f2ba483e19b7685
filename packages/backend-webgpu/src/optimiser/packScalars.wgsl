// The places of four scalars in their buffers.
struct Params {
  starts: vec4u,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<u32>;
@group(0) @binding(2) var<storage, read> b: array<u32>;
@group(0) @binding(3) var<storage, read> c: array<u32>;
@group(0) @binding(4) var<storage, read> d: array<u32>;
@group(0) @binding(5) var<storage, read_write> result: array<u32>;

@compute @workgroup_size(1)
fn main() {
  result[0] = a[params.starts.x];
  result[1] = b[params.starts.y];
  result[2] = c[params.starts.z];
  result[3] = d[params.starts.w];
}
