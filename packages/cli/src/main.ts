#!/usr/bin/env node
import { runProgram } from './program.js';

// Whoever reads the output may stop before its end, such as `head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2));
