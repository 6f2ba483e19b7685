// Written by scripts/known-answers.js, of what the builds compute.

/** Digests of what the self-test must give, where multiplications and additions are fused and where they are not. */
export const answers = {
  fused: {
    products: 0x9c61bddd,
    farRows: 0xcbaee1ed,
    elements: 0xd5489490,
    reductions: 0x843c2607,
    rows: 0xa8e23601,
    norms: 0x5571ebe2,
    optimisers: 0x0e8f3249,
    recurrence: 0x105800fa,
  },
  apart: {
    products: 0x11c615a1,
    farRows: 0x640f5f5a,
    elements: 0x90ae51b1,
    reductions: 0x843c2607,
    rows: 0xd68006f5,
    norms: 0x1df23696,
    optimisers: 0xc08175cb,
    recurrence: 0x2ec2e6d2,
  },
};
