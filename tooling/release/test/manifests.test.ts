import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifestFaults } from '../src/manifest-faults.js';
import { publishedPackages, readManifest, root, type Manifest } from '../src/workspace.js';

const workspace = readManifest(join(root, 'package.json'));
const packages = publishedPackages(root);
const [nn] = packages.filter(({ folder }) => folder === 'packages/nn');

test('all packages are among those looked at', () => {
  expect(packages.map(({ manifest }) => manifest.name)).toEqual(
    expect.arrayContaining(['@tempograd/cli', '@tempograd/core', '@tempograd/nn']),
  );
});

test.each(packages)('$folder has what a published package has', ({ folder, manifest }) => {
  expect(manifestFaults(manifest, folder, workspace)).toEqual([]);
});

describe('a fault is told', () => {
  const faultsWith = (change: Partial<Manifest>): string[] => {
    if (nn === undefined) throw new Error('There is no packages/nn.');
    return manifestFaults({ ...nn.manifest, ...change }, nn.folder, workspace);
  };
  const faults: [string, Partial<Manifest>, string][] = [
    ['another repository', { repository: 'github:someone/else' }, 'repository must be {"type":"git"'],
    ['few keywords', { keywords: ['rnn'] }, 'at least eight'],
    ['a keyword twice', { keywords: Array.from({ length: 8 }, () => 'rnn') }, 'twice'],
    ['no sources', { files: ['dist', 'CHANGELOG.md'] }, 'files must name src'],
    ['side effects', { sideEffects: true }, 'sideEffects must be false'],
    [
      'types after the code',
      { exports: { '.': { types: './dist/nn.d.ts', default: './dist/index.js' } } },
      'exports["."]',
    ],
    ['nothing to import', { exports: {} }, 'exports must name'],
    ['a pinned package of its own', { dependencies: { '@tempograd/core': 'workspace:*' } }, 'workspace:^'],
    ['another licence', { license: 'ISC' }, 'license must be MIT'],
    ['no description', { description: '' }, 'description'],
    ['an older Node', { engines: { node: '>=18' } }, 'engines'],
  ];
  test.each(faults)('%s', (_what, change, said) => {
    const told = faultsWith(change);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(said);
  });
});
