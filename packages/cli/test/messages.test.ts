import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@tempograd/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempograd } from './support/tempograd.js';

const folder = testFolder();

/** Rewrites the model with other metadata. */
function forge(name: string, change: (metadata: Record<string, string>) => Record<string, string>): void {
  const { tensors, metadata } = readSafetensors(readFileSync(join(folder.path, 'model.safetensors')));
  writeFileSync(join(folder.path, name), writeSafetensors(tensors, change({ ...metadata })));
}

beforeAll(async () => {
  folder.put('empty.txt', '\uFEFF\n');
  folder.put('short.txt', 'Call me Ishmael.');
  folder.put('latin1.txt', Uint8Array.of(0x4d, 0xf6, 0x77, 0x65));
  folder.put('other.txt', 'Another text altogether. '.repeat(40));
  folder.put('noise.safetensors', new Uint8Array(100).fill(7));
  folder.put('no-backend.js', 'export const nothing = 1;');
  await tempograd(folder.path, [...quick, '--updates', '2', '--save', 'model.safetensors']);
  forge('bare.safetensors', () => ({}));
  forge('wider.safetensors', ({ config = '', ...rest }) => ({
    ...rest,
    config: config.replace('"hidden":12', '"hidden":13'),
  }));
  forge('odd.safetensors', ({ config = '', ...rest }) => ({ ...rest, config: config.replace('"lstm"', '"lstn"') }));
  forge('fewer.safetensors', (metadata) => ({
    ...metadata,
    vocabulary: '{"kind":"characters","characters":"ab","unknown":null}',
  }));
  writeFileSync(join(folder.path, 'cut.safetensors'), readFileSync(join(folder.path, 'model.safetensors')));
  truncateSync(join(folder.path, 'cut.safetensors'), 2000);
}, 120_000);

const resume = ['train', '--text', 'rhyme.txt', '--save', 'model.safetensors', '--resume'];

describe.each<[what: string, args: string[], code: number, message: RegExp]>([
  ['a text that is missing', ['train', '--text', 'no.txt'], 1, /text no\.txt cannot be read: there is no such file/],
  ['a text that is a directory', ['train', '--text', '.'], 1, /it is a directory/],
  ['an empty text', ['train', '--text', 'empty.txt'], 1, /empty\.txt is empty/],
  [
    'a text shorter than a chunk',
    ['train', '--text', 'short.txt'],
    1,
    /short\.txt is shorter than a chunk: 14 of its 16/,
  ],
  ['a text that is not UTF-8', ['train', '--text', 'latin1.txt'], 1, /latin1\.txt is not in UTF-8. Convert it: iconv/],
  ['more streams than the text has', [...quick, '--batch', '9999'], 2, /--batch 9999 is too much for this text/],
  ['an unknown backend', ['train', '--backend', 'abacus'], 2, /no backend "abacus". Installed here: (wasm, )?js/],
  ['a module that is no backend', ['train', '--backend', './no-backend.js'], 1, /has no createBackend\(\)/],
  ['a backend that is not there', ['train', '--backend', './none.js'], 1, /"\.\/none\.js" is not installed/],
  ['a place that cannot be written', [...quick, '--save', 'rhyme.txt/model'], 1, /rhyme\.txt\/model cannot be written/],
  ['a place that is a directory', [...quick, '--save', '.'], 1, /cannot be written: it is a directory/],
  ['no checkpoint', [...quick, '--resume', '--save', 'none.safetensors'], 1, /There is no checkpoint none\.checkpoint/],
  [
    'a model other than the checkpoint’s',
    [...resume, '--hidden', '13'],
    2,
    /does not match.*hidden was 12 and is now 13/,
  ],
  ['a text other than the checkpoint’s', [...resume, '--text', 'other.txt'], 1, /The text does not match/],
  ['an unknown option', ['train', '--hiden', '3'], 2, /unknown option '--hiden'\n\(Did you mean --hidden\?\)/],
  [
    'a number that is none',
    ['train', '--hidden', 'many'],
    2,
    /'many' is invalid. It must be a whole number of at least 1/,
  ],
  ['a number out of range', ['train', '--dropout', '1'], 2, /It must be a number from 0 to below 1/],
  ['an unknown command', ['trian'], 2, /unknown command 'trian'\n\(Did you mean train\?\)/],
  ['no command', [], 2, /Usage: tempograd/],
  ['no model', ['sample'], 2, /missing required argument 'model'/],
  [
    'a model that is missing',
    ['sample', 'no.safetensors'],
    1,
    /model no\.safetensors cannot be read: there is no such file/,
  ],
  ['a model that is noise', ['sample', 'noise.safetensors'], 1, /is damaged or no safetensors file/],
  ['a model that is cut off', ['sample', 'cut.safetensors'], 1, /cut\.safetensors is damaged.*cut off/],
  ['a file of tensors alone', ['sample', 'bare.safetensors'], 1, /not a character model of `tempograd train`/],
  ['a checkpoint as a model', ['sample', 'model.checkpoint.safetensors'], 1, /It is a checkpoint: go on with/],
  ['tensors of another size', ['sample', 'wider.safetensors'], 1, /does not match its own configuration.*weight_hh_l0/],
  ['a configuration that makes no sense', ['sample', 'odd.safetensors'], 1, /there is no cell "lstn"/],
  ['another vocabulary', ['sample', 'fewer.safetensors'], 1, /configuration is for another vocabulary/],
  [
    'a prompt it cannot read',
    ['sample', 'model.safetensors', '-p', 'ß'],
    1,
    /prompt does not match the model: it has "ß"/,
  ],
  ['a report of no known kind', ['check', '--report', 'x.pdf'], 2, /written as \.html, \.md, \.json/],
  ['an op without cases', ['check', '--op', 'abacus'], 2, /No case is about abacus. There are cases about abs/],
  ['one backend and all', ['check', '--backend', 'js', '--all'], 2, /Give --backend or --all, not both/],
])('%s', (_, args, expectedCode, message) => {
  test('is told, on the error output alone', async () => {
    const { code, stdout, stderr } = await tempograd(folder.path, args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.js:\d+/);
    expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
  });
});

test('programs are told by an event too', async () => {
  const { code, stdout } = await tempograd(folder.path, ['train', '--text', 'no.txt', '--json']);
  expect(code).toBe(1);
  expect(eventsIn(stdout)).toEqual([{ event: 'error', exitCode: 1, message: expect.stringContaining('no.txt') }]);
});

test.each([['train'], ['sample'], ['check']])('%s --help lists its options', async (command) => {
  const { code, stdout } = await tempograd(folder.path, [command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^Usage: tempograd ${command}`));
  expect(stdout).toContain('--json');
});

test('--help tells the exit codes', async () => {
  const { code, stdout } = await tempograd(folder.path, ['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/130 +stopped by Ctrl-C/);
});
