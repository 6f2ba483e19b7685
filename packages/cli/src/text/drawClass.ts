/**
 * Draws a class from `softmax(logits / temperature)` with a number from [0, 1); at temperature 0 the likeliest.
 * The sum is taken over differences to the greatest logit, so that nothing overflows.
 */
export function drawClass(logits: ArrayLike<number>, temperature: number, draw: number): number {
  let likeliest = 0;
  for (let index = 1; index < logits.length; index++) {
    if ((logits[index] as number) > (logits[likeliest] as number)) likeliest = index;
  }
  if (temperature === 0) return likeliest;
  const top = logits[likeliest] as number;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - top) / temperature));
  let left = draw * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index] as number;
    if (left < 0) return index;
  }
  return likeliest;
}
