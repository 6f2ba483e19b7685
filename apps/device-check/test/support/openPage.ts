import '../../src/style.css';
import { onTestFinished } from 'vitest';
import type { CheckSettings } from '../../src/run/DeviceCheck.js';
import { DevicePage } from '../../src/view/DevicePage.js';

/** Opens the page on backends of the tests' own worker; it is closed with the test. */
export async function openPage(
  backends: readonly string[],
  settings: Partial<CheckSettings>,
  patience = 60_000,
): Promise<{ readonly page: DevicePage; readonly root: HTMLElement }> {
  const root = document.createElement('main');
  document.body.append(root);
  const page = new DevicePage(root, {
    backends: backends.map((id) => ({ id, about: 'of the tests' })),
    createWorker: () => new Worker('/worker.js', { type: 'module' }),
    patience,
  });
  onTestFinished(() => {
    page.close();
    root.remove();
  });
  await page.open({ backends: null, settings: { speed: false, ...settings }, start: false });
  return { page, root };
}

/** An element that must be there. */
export function find(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** Resolves when the page has come to a phase. */
export async function reach(root: HTMLElement, phase: string): Promise<void> {
  while (root.dataset['phase'] !== phase) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** What the page says of a backend. */
export function summaryOf(root: HTMLElement, backend: string): string {
  return find(root, `[data-backend="${backend}"] .summary p`).textContent.replaceAll(/\s+/g, ' ').trim();
}
