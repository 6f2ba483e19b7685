struct Params {
  size: u32,
  // Columns of these parts, of the result, and before the parts.
  columns: u32,
  resultColumns: u32,
  before: u32,
  // Of each part: its first element, and the column behind its last.
  starts: array<vec4u, 2>,
  ends: array<vec4u, 2>,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> part0: array<u32>;
@group(0) @binding(2) var<storage, read> part1: array<u32>;
@group(0) @binding(3) var<storage, read> part2: array<u32>;
@group(0) @binding(4) var<storage, read> part3: array<u32>;
@group(0) @binding(5) var<storage, read> part4: array<u32>;
@group(0) @binding(6) var<storage, read> part5: array<u32>;
@group(0) @binding(7) var<storage, read> part6: array<u32>;
@group(0) @binding(8) var<storage, read_write> result: array<u32>;

// Copies up to seven matrices `[rows, …]` side by side into some columns of the result.
@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (group.x + group.y * groups.x) * 1024u + lane;
  for (var k = 0u; k < 4u; k++) {
    let i = first + k * 256u;
    if (i >= params.size) {
      return;
    }
    let row = i / params.columns;
    let column = i - row * params.columns;
    var number = 0u;
    var left = 0u;
    while (column >= params.ends[number >> 2u][number & 3u]) {
      left = params.ends[number >> 2u][number & 3u];
      number++;
    }
    let width = params.ends[number >> 2u][number & 3u] - left;
    let at = params.starts[number >> 2u][number & 3u] + row * width + column - left;
    var value = 0u;
    switch number {
      case 0u: { value = part0[at]; }
      case 1u: { value = part1[at]; }
      case 2u: { value = part2[at]; }
      case 3u: { value = part3[at]; }
      case 4u: { value = part4[at]; }
      case 5u: { value = part5[at]; }
      default: { value = part6[at]; }
    }
    result[row * params.resultColumns + params.before + column] = value;
  }
}
