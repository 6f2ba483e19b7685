// Writes each signal it gets; ends a little after the first, so that a second would be seen.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    console.log(signal);
    setTimeout(() => process.exit(7), 700);
  });
}
setTimeout(() => process.exit(1), 20_000);
console.log('ready');
