// The exported kernels of two operands: one for each function and element type.

import { binary } from './binary';
import {
  ADD,
  SUB,
  MUL,
  DIV,
  MAXIMUM,
  MINIMUM,
  POW,
  EQUAL,
  LESS,
  LESS_EQUAL,
  ADD_I32,
  SUB_I32,
  MUL_I32,
  MAXIMUM_I32,
  MINIMUM_I32,
  EQUAL_I32,
  LESS_I32,
  LESS_EQUAL_I32,
} from './combine';

export function addF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(ADD, args, part, parts);
}
export function subF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(SUB, args, part, parts);
}
export function mulF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MUL, args, part, parts);
}
export function divF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(DIV, args, part, parts);
}
export function maximumF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MAXIMUM, args, part, parts);
}
export function minimumF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MINIMUM, args, part, parts);
}
export function powF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(POW, args, part, parts);
}
export function equalF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(EQUAL, args, part, parts);
}
export function lessF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(LESS, args, part, parts);
}
export function lessEqualF32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(LESS_EQUAL, args, part, parts);
}
export function addI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(ADD_I32, args, part, parts);
}
export function subI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(SUB_I32, args, part, parts);
}
export function mulI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MUL_I32, args, part, parts);
}
export function maximumI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MAXIMUM_I32, args, part, parts);
}
export function minimumI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(MINIMUM_I32, args, part, parts);
}
export function equalI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(EQUAL_I32, args, part, parts);
}
export function lessI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(LESS_I32, args, part, parts);
}
export function lessEqualI32(args: usize, part: i32, parts: i32, _scratch: usize): void {
  binary(LESS_EQUAL_I32, args, part, parts);
}
