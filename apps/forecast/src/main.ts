#!/usr/bin/env node
import { createBackend } from '@tempograd/backend-js';
import { TempogradError, useBackend } from '@tempograd/core';
import { program } from './program.js';
import { Refusal } from './Refusal.js';

useBackend(createBackend());
// A reader that goes away, such as `| head`, ends the program without a word.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
try {
  await program().parseAsync();
} catch (error) {
  if (!(error instanceof Refusal || error instanceof TempogradError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
