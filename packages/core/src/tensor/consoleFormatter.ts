import { Tensor } from './Tensor.js';

/** What developer tools ask of a formatter: markup as lists, or null for what is left as it is. */
export interface ConsoleFormatter {
  /** What stands for the value. */
  header(value: unknown): [tag: string, attributes: { style: string }, text: string] | null;
  /** Whether it can be opened. */
  hasBody(value: unknown): boolean;
}

/**
 * Shows tensors in a browser's console as Node's shows them, in trees too: where "Custom formatters" are switched on in the settings
 * of the developer tools, after `globalThis.devtoolsFormatters = [consoleFormatter]`. Without it `String(tensor)` is the same text.
 */
export const consoleFormatter: ConsoleFormatter = {
  header: (value) =>
    value instanceof Tensor ? ['div', { style: 'white-space: pre; font-family: monospace' }, value.toString()] : null,
  hasBody: () => false,
};
