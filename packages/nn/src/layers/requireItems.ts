import { faultInside, requireInside, type InsideNaming, type Tensor } from '@tempograd/core';

const naming = (op: string, from: number): InsideNaming => ({
  op,
  what: 'item',
  of: 'items of the vocabulary',
  axes: ['step', 'row'],
  from,
});

/** @throws ArgumentError naming step, row and value of an item that is not in the vocabulary, where items can be read at once. */
export function requireItems(op: string, items: Tensor, vocabulary: number, mask: Tensor | null, from = 0): void {
  if (items.dtype === 'i32') requireInside(items, vocabulary, naming(op, from), mask);
}

/** The same in words, on any device; null where all are in the vocabulary. */
export async function faultOfItems(
  op: string,
  items: Tensor,
  vocabulary: number,
  mask: Tensor | null,
  from: number,
): Promise<string | null> {
  const [values, counted] = await Promise.all([items.read(), mask?.read() ?? null]);
  return faultInside(values, items.shape, vocabulary, naming(op, from), counted);
}
