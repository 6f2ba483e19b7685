#!/usr/bin/env node
import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { findViolations } from './find-violations.js';

const packagesFolder = process.argv[2] ?? join(import.meta.dirname, '../../../packages');

const files = readdirSync(packagesFolder, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => /^[^/]+\/(src|test)\/.*\.[cm]?[jt]sx?$/.test(file));

const violations = findViolations(packagesFolder, files);
for (const violation of violations) console.error(violation);
if (violations.length > 0) {
  console.error(`\n${violations.length} imports go against the arrows in tooling/lint/src/arrows.js.`);
  process.exitCode = 1;
}
