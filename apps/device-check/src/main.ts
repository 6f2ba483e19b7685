import { backendList } from './backends/backendList.js';
import { DevicePage, type PageRequest } from './view/DevicePage.js';

const page = new DevicePage(document.getElementById('page') as HTMLElement, {
  backends: backendList,
  createWorker: () => new Worker(new URL('./worker/worker.ts', import.meta.url), { type: 'module' }),
});
await page.open(requestOf(new URLSearchParams(location.search)));

/** `?backends=wasm,js&ops=matmul,lstm&all&no-speed&seed=2&start`. */
function requestOf(query: URLSearchParams): PageRequest {
  const list = (name: string): readonly string[] | null => query.get(name)?.split(',').filter(Boolean) ?? null;
  const seed = Number(query.get('seed') ?? 1);
  return {
    backends: list('backends'),
    settings: {
      scope: query.has('all') ? 'all' : 'quick',
      speed: !query.has('no-speed'),
      ops: list('ops'),
      seed: Number.isSafeInteger(seed) ? seed : 1,
    },
    start: query.has('start'),
  };
}
