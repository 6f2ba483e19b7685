import { report } from './report.js';

report().then(
  (result) => postMessage(result),
  (error) => postMessage({ error: String(error) }),
);
