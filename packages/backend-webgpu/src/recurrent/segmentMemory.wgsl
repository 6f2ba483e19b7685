// What a workgroup that runs through a whole segment keeps, and how its threads share out the product with U: each has one
// unit and a part of k. Of the weights the first of a thread stay in its registers; the others come from the cache at each step.

// Threads of a part of k: at least H, a multiple of four.
override LANES: u32 = 64;
// Parts that k is cut in.
override SPLITS: u32 = 4;
// Sums of all parts but the first.
override PARTS: u32 = 768;

// Not a vector, whose components could not be written by several threads at once.
alias Four = array<f32, 4>;

var<workgroup> parts: array<f32, PARTS>;

fn times(sum: f32, w: vec4f, x: Four) -> f32 {
  return fma(w.w, x[3], fma(w.z, x[2], fma(w.y, x[1], fma(w.x, x[0], sum))));
}
