// Threads that share a row: a power of two. A workgroup takes 256 / LANES rows, each thread every LANES-th element of its row.
override LANES: u32 = 256;

var<workgroup> shares: array<vec3f, 256>;
var<workgroup> orders: array<i32, 256>;

// Three sums of the row's shares, for each of its threads.
fn sumOfRow(share: vec3f, lane: u32) -> vec3f {
  shares[lane] = share;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane % LANES < half) {
      shares[lane] += shares[lane + half];
    }
  }
  workgroupBarrier();
  let sum = shares[lane - lane % LANES];
  workgroupBarrier();
  return sum;
}

// The largest of the row's orders, for each of its threads.
fn largestOfRow(order: i32, lane: u32) -> i32 {
  orders[lane] = order;
  for (var half = LANES / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane % LANES < half) {
      orders[lane] = max(orders[lane], orders[lane + half]);
    }
  }
  workgroupBarrier();
  let largest = orders[lane - lane % LANES];
  workgroupBarrier();
  return largest;
}
