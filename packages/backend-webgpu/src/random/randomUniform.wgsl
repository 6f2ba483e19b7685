// Uniform numbers in [0, 1) from the Threefry-2x32 generator of 20 rounds: the top 24 bits of each word times 2⁻²⁴. A thread makes
// the two words of one block. Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

struct Params {
  size: u32,
  // Words of the first block to leave out, 0 or 1.
  skip: u32,
  key: vec2u,
  // Number of the first block, low word first.
  block: vec2u,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;

fn turn(words: vec2u, by: u32) -> vec2u {
  let x = words.x + words.y;
  return vec2u(x, ((words.y << by) | (words.y >> (32u - by))) ^ x);
}

fn threefry(key: vec2u, counter: vec2u) -> vec2u {
  var keys = vec3u(key, key.x ^ key.y ^ 0x1bd11bdau);
  var words = counter + key;
  for (var round = 1u; round <= 5u; round++) {
    if (round % 2u == 1u) {
      words = turn(turn(turn(turn(words, 13u), 15u), 26u), 6u);
    } else {
      words = turn(turn(turn(turn(words, 17u), 29u), 16u), 24u);
    }
    keys = keys.yzx;
    words += keys.xy + vec2u(0u, round);
  }
  return words;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = (group.x + group.y * groups.x) * 256u + lane;
  let low = params.block.x + block;
  let words = threefry(params.key, vec2u(low, params.block.y + select(0u, 1u, low < block)));
  for (var k = 0u; k < 2u; k++) {
    // Wraps for a word that is left out.
    let i = block * 2u + k - params.skip;
    if (i < params.size) {
      result[i] = f32(words[k] >> 8u) * 0x1p-24;
    }
  }
}
