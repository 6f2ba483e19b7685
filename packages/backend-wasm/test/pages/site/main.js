import { report } from './report.js';

const show = (result) => (document.querySelector('output').textContent = JSON.stringify(result));

if (location.search === '?worker') {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = (event) => show(event.data);
  worker.onerror = (event) => show({ error: `worker: ${event.message}` });
} else {
  report().then(show, (error) => show({ error: String(error) }));
}
