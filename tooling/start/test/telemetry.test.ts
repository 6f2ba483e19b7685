import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');

/** A home without settings. */
const home = mkdtempSync(join(tmpdir(), 'home '));

afterAll(() => {
  rmSync(home, { recursive: true });
});

test.each(['.', 'packages/core'])('turbo started by hand in %s sends no telemetry', (folder) => {
  const { TURBO_TELEMETRY_DISABLED: _own, DO_NOT_TRACK: _other, ...env } = process.env;
  // What `npx turbo` and `pnpm exec turbo` start.
  const status = execFileSync(process.execPath, [join(root, 'node_modules/turbo/bin/turbo'), 'telemetry', 'status'], {
    cwd: join(root, folder),
    env: { ...env, HOME: home, XDG_CONFIG_HOME: home },
    encoding: 'utf8',
  });
  expect(status).toContain('Status: Disabled');
});
