import { newDocument } from './newDocument.js';
import { serialise } from './serialise.js';
import { darkRules, fontFamily, theme, type Colour } from './theme.js';

/** What stands in the head of a picture and is read out for those who do not see it. */
export interface Words {
  readonly title: string;
  /** A sentence below the title. */
  readonly subtitle?: string | undefined;
  /** What is to be seen, in words; default is the subtitle. */
  readonly description?: string | undefined;
}

/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const svgNamespace = 'http://www.w3.org/2000/svg';

/** How far text stands from a picture's edges. */
export const padding = 16;

/** Makes an SVG element with attributes, in `document`. */
export function element(
  document: Document,
  name: string,
  attributes: Attributes,
  ...children: readonly (Element | string)[]
): Element {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) made.setAttribute(key, String(value));
  }
  made.append(...children);
  return made;
}

/** A picture under way: its size, its parts, and the colours that need a partner on dark paper. */
export class Picture {
  readonly document: Document;
  readonly width: number;
  readonly #parts: Element[] = [];
  readonly #colours: Colour[] = Object.values(theme);
  #height = 0;

  constructor(width: number) {
    this.document = newDocument();
    this.width = width;
  }

  /** How far down it reaches so far. */
  get height(): number {
    return this.#height;
  }

  /** Makes it reach further down. */
  extend(by: number): void {
    this.#height += by;
  }

  /** Says which colours occur in it. */
  uses(...colours: readonly Colour[]): void {
    this.#colours.push(...colours);
  }

  /** Adds a part; a whole chart of the library's is placed at `x`, `y`. */
  add(part: Element, x: number = 0, y: number = 0): void {
    if (part.tagName.toLowerCase() !== 'svg') {
      this.#parts.push(part);
      return;
    }
    const group = element(this.document, 'g', {
      'text-anchor': part.getAttribute('text-anchor') ?? 'start',
      transform: x === 0 && y === 0 ? undefined : `translate(${x},${y})`,
    });
    const children = Array.from(part.childNodes);
    group.append(...children.filter(({ nodeName }) => nodeName.toLowerCase() !== 'style'));
    this.#parts.push(group);
  }

  /** Adds text, by default in the muted colour. */
  text(content: string, attributes: Attributes): void {
    this.add(element(this.document, 'text', { fill: theme.muted[0], ...attributes }, content));
  }

  /** Adds title and subtitle at the top, broken into lines. */
  head({ title, subtitle = '' }: Words): void {
    const line = (text: string, step: number, attributes: Attributes): void => {
      this.extend(step);
      this.text(text, { x: padding, y: this.#height, ...attributes });
    };
    this.extend(6);
    for (const part of wrap(title, (this.width - 2 * padding) / 8)) {
      line(part, 19, { 'font-size': 15, 'font-weight': 600, fill: theme.ink[0] });
    }
    for (const part of subtitle === '' ? [] : wrap(subtitle, (this.width - 2 * padding) / 6)) {
      line(part, 16, { 'font-size': 12 });
    }
    this.extend(8);
  }

  /** The whole as SVG: it stands alone, has no ids and no scripts, and turns dark where the reader's pages do. */
  toString({ title, subtitle, description = subtitle ?? '' }: Words): string {
    const { document, width } = this;
    const label = description === '' ? title : `${title}. ${description}`;
    const root = element(document, 'svg', {
      xmlns: svgNamespace,
      class: 'tempograd-plot',
      viewBox: `0 0 ${width} ${this.#height}`,
      width,
      height: this.#height,
      role: 'img',
      'aria-label': label,
      'font-family': fontFamily,
      'font-size': 11,
      style: 'max-width:100%;height:auto',
    });
    const paper = element(document, 'rect', { width, height: this.#height, rx: 6, fill: theme.paper[0] });
    root.append(element(document, 'title', {}, title), element(document, 'desc', {}, description), paper);
    root.append(...this.#parts);
    const rules = darkRules('.tempograd-plot', serialise(root), this.#colours);
    paper.before(element(document, 'style', {}, rules));
    return `${serialise(root)}\n`;
  }
}

/** Breaks a text into lines of about `width` letters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** About how wide a text is, in pixels, at a size of font. */
export function textWidth(text: string, size: number): number {
  return [...text].length * size * 0.56;
}
