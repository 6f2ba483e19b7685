#!/usr/bin/env node
import { TempogradError } from '@tempograd/core';
import { program } from './program.js';
import { Refusal } from './Refusal.js';

try {
  await program().parseAsync();
} catch (error) {
  if (!(error instanceof Refusal || error instanceof TempogradError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
