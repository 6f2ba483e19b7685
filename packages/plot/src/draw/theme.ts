/** A colour on light paper, and the one in its place on dark paper. */
export type Colour = readonly [light: string, dark: string];

/** What pictures are made of, apart from series and credit. */
export const theme: Readonly<Record<'paper' | 'ink' | 'muted' | 'grid' | 'frame', Colour>> = {
  paper: ['#ffffff', '#0d1117'],
  ink: ['#1f2328', '#e6edf3'],
  muted: ['#59636e', '#9198a1'],
  grid: ['#e4e8ec', '#262c34'],
  frame: ['#c3cad2', '#3d444d'],
};

/** Colours of series, in the order in which they are given out; neighbours differ in hue and in lightness. */
export const seriesColours: readonly Colour[] = [
  ['#2f5fd0', '#79a8ff'],
  ['#d4572a', '#ff9166'],
  ['#1f8a5b', '#4fd19a'],
  ['#a2469f', '#e08be0'],
  ['#b07d10', '#f0c24b'],
  ['#12808f', '#4cc9dc'],
  ['#c0395f', '#ff8aa8'],
  ['#6a6f7a', '#b0b7c3'],
];

export const fontFamily = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif';

/** Rules that turn the colours that occur in a picture to dark paper: each light colour, wherever an attribute names it, becomes its partner. */
export function darkRules(scope: string, picture: string, colours: Iterable<Colour>): string {
  const pairs = new Map<string, string>(colours);
  const rules = [...pairs].flatMap(([light, dark]) =>
    ['fill', 'stroke']
      .filter((name) => picture.includes(`${name}="${light}"`))
      .map((name) => `${scope} [${name}='${light}']{${name}:${dark}}`),
  );
  return `@media screen and (prefers-color-scheme:dark){${rules.join('')}}`;
}
