import { styleText } from 'node:util';

/** `1,213,006`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `1 update`, `2 updates`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** `12.3 MB`. */
export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(value, 1)) / 3));
  return `${(value / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}

/** `2:05`, `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}

/** `2 min 5 s`, `40 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const minutes = Math.floor(whole / 60);
  return [minutes > 0 ? `${minutes} min` : '', whole % 60 > 0 || minutes === 0 ? `${whole % 60} s` : '']
    .filter((part) => part !== '')
    .join(' ');
}

/** `0.0041`: a small number in three figures. */
export function figures(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A loss in nats as bits. */
export function bits(nats: number): number {
  return nats / Math.LN2;
}

export const bold = (text: string): string => styleText('bold', text);
export const dim = (text: string): string => styleText('dim', text);
export const green = (text: string): string => styleText('green', text);
export const yellow = (text: string): string => styleText('yellow', text);
export const red = (text: string): string => styleText('red', text);

/** How many columns the terminal has; 80 where there is none, or one that does not know. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? Math.max(20, process.stdout.columns || 80) : 80;
}

/** Breaks a text into lines of at most `width` columns, at spaces where it can; its own line breaks stay. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, Math.max(1, width)));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let rest = [...line];
  while (rest.length > width) {
    const space = rest.slice(0, width + 1).lastIndexOf(' ');
    const at = space > 0 ? space : width;
    lines.push(rest.slice(0, at).join(''));
    rest = rest.slice(space > 0 ? at + 1 : at);
  }
  return [...lines, rest.join('')];
}
