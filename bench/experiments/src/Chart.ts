/** A picture of lines, as `lineChart` draws it. */
export interface Chart {
  readonly title: string;
  readonly x: { readonly label: string; readonly log?: boolean };
  readonly y: { readonly label: string; readonly log?: boolean };
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}
