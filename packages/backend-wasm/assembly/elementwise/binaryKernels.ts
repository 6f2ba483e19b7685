// The exported kernels of two operands: one for each function and element type.

import { binary } from './binary';
import { Binary } from './combine';

export function addF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.ADD, args, part, parts);
}
export function subF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.SUB, args, part, parts);
}
export function mulF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MUL, args, part, parts);
}
export function divF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.DIV, args, part, parts);
}
export function maximumF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MAXIMUM, args, part, parts);
}
export function minimumF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MINIMUM, args, part, parts);
}
export function powF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.POW, args, part, parts);
}
export function equalF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.EQUAL, args, part, parts);
}
export function lessF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.LESS, args, part, parts);
}
export function lessEqualF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.LESS_EQUAL, args, part, parts);
}
export function addI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.ADD_I32, args, part, parts);
}
export function subI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.SUB_I32, args, part, parts);
}
export function mulI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MUL_I32, args, part, parts);
}
export function maximumI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MAXIMUM_I32, args, part, parts);
}
export function minimumI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.MINIMUM_I32, args, part, parts);
}
export function equalI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.EQUAL_I32, args, part, parts);
}
export function lessI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.LESS_I32, args, part, parts);
}
export function lessEqualI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(Binary.LESS_EQUAL_I32, args, part, parts);
}
