export function heapBase(): usize {
  return __heap_base;
}
export function foo(x: usize): void { 
  if (ASC_FEATURE_RELAXED_SIMD) v128.store(x, f32x4.relaxed_madd(v128.load(x), v128.load(x), v128.load(x)));
  else v128.store(x, f32x4.mul(v128.load(x), v128.load(x)));
  store<f32>(x, Mathf.pow(load<f32>(x), 2.5) + Mathf.log1p(load<f32>(x)));
}
