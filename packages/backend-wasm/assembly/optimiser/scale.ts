import { pointer } from '../task/part';

/** The factor of the gradient: what the pointer in `word` points to, or 1 where it is null. */
// @ts-ignore: decorator
@inline
export function gradientScale(args: usize, word: i32): v128 {
  const at = pointer(args, word);
  return at ? v128.load32_splat(at) : f32x4.splat(1);
}
