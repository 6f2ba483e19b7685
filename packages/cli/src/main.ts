#!/usr/bin/env node
import { watchOutput } from './output.js';
import { runProgram } from './program.js';

watchOutput();

process.exitCode = await runProgram(process.argv.slice(2));
