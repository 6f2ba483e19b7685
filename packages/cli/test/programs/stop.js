// Says what it hears of signals; ends by itself after a while.
import { listenForInterrupt } from '../../dist/interrupt.js';

const interrupt = listenForInterrupt({
  onFirst: () => console.log('first'),
  onSecond: () => console.log('second'),
});
console.log('ready');
setTimeout(() => process.exit(interrupt.exitCode ?? 0), 2500);
