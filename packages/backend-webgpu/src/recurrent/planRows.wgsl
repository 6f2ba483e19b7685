// Row numbers of a table with a mask put in: −2 where the mask is 0, −1 for a number outside the table.

struct Params {
  size: u32,
  rows: u32,
  numbersStart: u32,
  maskStart: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> numbers: array<i32>;
@group(0) @binding(2) var<storage, read> mask: array<i32>;
@group(0) @binding(3) var<storage, read_write> plan: array<i32>;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let i = (group.x + group.y * groups.x) * 256u + lane;
  if (i >= params.size) { return; }
  let number = numbers[params.numbersStart + i];
  let inside = number >= 0i && u32(number) < params.rows;
  plan[i] = select(-2i, select(-1i, number, inside), mask[params.maskStart + i] != 0i);
}
