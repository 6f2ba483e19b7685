// Stands for pnpm: notes what it is called with, and the pnpm that a program like turbo would find.
const { execFileSync } = require('node:child_process');
const { appendFileSync } = require('node:fs');

const found = execFileSync('sh', ['-c', 'command -v pnpm'], { encoding: 'utf8' }).trim();
appendFileSync(process.env.CALLS ?? '', `${JSON.stringify({ args: process.argv.slice(2), found })}\n`);
