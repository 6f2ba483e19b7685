/** One line of the chart: values from a step on. */
export interface Line {
  readonly name: 'signal' | 'window' | 'recurrent';
  readonly from: number;
  readonly values: ArrayLike<number>;
}

/** Draws lines over the same steps, in the colours of the style sheet. */
export function drawChart(canvas: HTMLCanvasElement, lines: readonly Line[], steps: number): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const { width, height } = canvas;
  const x = (step: number): number => (step / (steps - 1)) * (width - 20) + 10;
  const y = (value: number): number => height - 30 - value * (height - 60);
  context.clearRect(0, 0, width, height);
  for (const { name, from, values } of lines) {
    context.strokeStyle = getComputedStyle(document.querySelector(`.${name}`) as Element).color;
    context.lineWidth = name === 'signal' ? 6 : 2;
    context.globalAlpha = name === 'signal' ? 0.4 : 1;
    context.beginPath();
    for (let index = 0; index < values.length && from + index < steps; index++) {
      context.lineTo(x(from + index), y(values[index] as number));
    }
    context.stroke();
  }
}
