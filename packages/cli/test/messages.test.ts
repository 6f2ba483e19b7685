import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '@tempograd/nn';
import { beforeAll, describe, expect, test } from 'vitest';
import { quick, testFolder } from './support/folder.js';
import { eventsIn, tempogradInOne } from './support/tempograd.js';

const folder = testFolder();
const tempograd = tempogradInOne(folder);

/** Rewrites the model, or another file, with other metadata. */
function forge(
  name: string,
  change: (metadata: Record<string, string>) => Record<string, string>,
  from = 'model.safetensors',
): void {
  const { tensors, metadata } = readSafetensors(readFileSync(join(folder.path, from)));
  writeFileSync(join(folder.path, name), writeSafetensors(tensors, change({ ...metadata })));
}

/** Rewrites the checkpoint with other words in what the command notes of the run. */
function forgeRun(name: string, from: string | RegExp, to: string): void {
  forge(
    `${name}.checkpoint.safetensors`,
    ({ 'tempograd.run': run = '', ...rest }) => ({ ...rest, 'tempograd.run': run.replace(from, to) }),
    'model.checkpoint.safetensors',
  );
}

beforeAll(async () => {
  folder.put('empty.txt', '\uFEFF\n');
  folder.put('short.txt', 'Call me Ishmael.');
  folder.put('latin1.txt', Uint8Array.of(0x4d, 0xf6, 0x77, 0x65));
  mkdirSync(join(folder.path, 'room.checkpoint.safetensors'));
  execFileSync('mkfifo', [join(folder.path, 'pipe')]);
  folder.put('other.txt', 'Another text altogether. '.repeat(40));
  folder.put('noise.safetensors', new Uint8Array(100).fill(7));
  folder.put('no-backend.js', 'export const nothing = 1;');
  await tempograd([...quick, '--updates', '2', '--save', 'model.safetensors']);
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
  for (const [name, size] of Object.entries({ deep: '"layers":4294967296', wide: '"layers":1' })) {
    forge(`${name}.safetensors`, ({ config = '', ...rest }) => ({
      ...rest,
      config: config
        .replace('"layers":1', size)
        .replace('"hidden":12', name === 'wide' ? '"hidden":20000' : '"hidden":12'),
    }));
  }
  forgeRun('deep', '"layers":1', '"layers":4294967296');
  forgeRun('wide', '"hidden":12', '"hidden":20000');
  forgeRun('parallel', /"batch":\d+/, '"batch":4294967296');
  forgeRun('negative', '"seed":1', '"seed":-1');
  forgeRun('foreign', '"backend":"js"', '"backend":"./no-backend.js"');
  forgeRun('held', /"heldOut":\d+/, '"heldOut":9999');
  forgeRun('ahead', /"updates":\d+/, '"updates":1');
  forgeRun('broken', '{', '');
  forge(
    'stateless.checkpoint.safetensors',
    (metadata) => ({ ...metadata, 'tempograd.training': '[]' }),
    'model.checkpoint.safetensors',
  );
  forge(
    'carryless.checkpoint.safetensors',
    (metadata) => ({
      ...metadata,
      'tempograd.training': metadata['tempograd.training']?.replace(/"carry":\{[^}]*\}/, '"carry":null') ?? '',
      // Not at its end, so that it goes on.
      'tempograd.run': metadata['tempograd.run']?.replace('"updates":2', '"updates":3') ?? '',
    }),
    'model.checkpoint.safetensors',
  );
  for (const name of ['model.safetensors', 'model.checkpoint.safetensors']) {
    const bytes = readFileSync(join(folder.path, name));
    writeFileSync(join(folder.path, `flipped-${name}`), bytes.with(bytes.length - 1, 1 ^ (bytes.at(-1) as number)));
  }
  writeFileSync(join(folder.path, 'cut.safetensors'), readFileSync(join(folder.path, 'model.safetensors')));
  truncateSync(join(folder.path, 'cut.safetensors'), 2000);
});

const resumeOf = (name: string): string[] => ['train', '--text', 'rhyme.txt', '--save', name, '--resume'];
const resume = ['train', '--text', 'rhyme.txt', '--save', 'model.safetensors', '--resume'];

describe.each<[what: string, args: string[], code: number, message: RegExp]>([
  ['a text that is missing', ['train', '--text', 'no.txt'], 1, /text no\.txt cannot be read: there is no such file/],
  ['a text that is a directory', ['train', '--text', '.'], 1, /it is a directory/],
  [
    'a text without end',
    ['train', '--text', '/dev/zero'],
    1,
    /text \/dev\/zero cannot be read as a text: it is a device/,
  ],
  ['a text that is a pipe', ['train', '--text', 'pipe'], 1, /text pipe cannot be read as a text: it is a pipe/],
  ['an empty text', ['train', '--text', 'empty.txt'], 1, /empty\.txt is empty/],
  [
    'a text shorter than a chunk',
    ['train', '--text', 'short.txt'],
    1,
    /short\.txt is shorter than a chunk: 14 of its 16/,
  ],
  [
    'a text that is not UTF-8',
    ['train', '--text', 'latin1.txt'],
    1,
    /latin1\.txt is not in UTF-8: no character begins at byte 1\. Convert it: iconv/,
  ],
  ['more streams than the text has', [...quick, '--batch', '9999'], 2, /--batch 9999 is too much for this text/],
  ['an unknown backend', ['train', '--backend', 'abacus'], 2, /no backend "abacus". Installed here: (wasm, )?js/],
  ['a module that is no backend', ['train', '--backend', './no-backend.js'], 1, /has no createBackend\(\)/],
  ['a backend that is not there', ['train', '--backend', './none.js'], 1, /"\.\/none\.js" is not installed/],
  ['a place that cannot be written', [...quick, '--save', 'rhyme.txt/model'], 1, /rhyme\.txt\/model cannot be written/],
  ['a place that is a directory', [...quick, '--save', '.'], 1, /cannot be written: it is a directory/],
  ['a place that is a device', [...quick, '--save', '/dev/null'], 1, /null cannot be written: it is no regular file/],
  [
    'a checkpoint that is a directory',
    [...quick, '--save', 'room'],
    1,
    /room\.checkpoint\.safetensors cannot be written: it is a directory/,
  ],
  ['a place that is a pipe', [...quick, '--save', 'pipe'], 1, /pipe cannot be written: it is no regular file/],
  [
    'a checkpoint further than its end',
    resumeOf('ahead.safetensors'),
    1,
    /ahead\.checkpoint\.safetensors is damaged: it says that 2 updates were taken of 1\./,
  ],
  [
    'a checkpoint that holds out more than its text has',
    resumeOf('held.safetensors'),
    1,
    /held\.checkpoint\.safetensors does not match its own text: it says chunks of 8 steps with 9999 characters held out/,
  ],
  ['no checkpoint', [...quick, '--resume', '--save', 'none.safetensors'], 1, /There is no checkpoint none\.checkpoint/],
  [
    'a model other than the checkpoint’s',
    [...resume, '--hidden', '13'],
    2,
    /does not match.*hidden was 12 and is now 13/,
  ],
  ['a text other than the checkpoint’s', [...resume, '--text', 'other.txt'], 1, /The text does not match/],
  [
    'advice on nothing',
    ['advise'],
    2,
    /Say what is to be learnt: --task, --length, or both; or --text FILE.*tempograd advise --task words/,
  ],
  ['advice on a task that is none', ['advise', '--task', 'poems'], 2, /Allowed choices are characters, words, speech/],
  ['advice on a length that is none', ['advise', '--length', '0'], 2, /It must be a whole number of at least 1/],
  [
    'a model to be advised without a text',
    ['advise', '--task', 'words', '--hidden', '3', '--seed', '1'],
    2,
    /--hidden, --seed belong to a model that is measured on a text: add --text FILE, or leave them out/,
  ],
  [
    'a memory without a unit that is known',
    ['advise', '--task', 'words', '--memory', '3 pounds'],
    2,
    /It must be a size such as 500MB/,
  ],
  ['a memory without a model', ['advise', '--length', 'inf', '--memory', '1.5 GiB'], 2, /--memory belongs to a model/],
  [
    'a share of more than all',
    ['advise', '--text', 'rhyme.txt', '--share', '1'],
    2,
    /--share .* must be below 1, but is 1/,
  ],
  ['advice on a text that is missing', ['advise', '--text', 'no.txt'], 1, /text no\.txt cannot be read/],
  [
    'a plan for minutes and updates',
    ['plan', '--minutes', '1', '--updates', '2'],
    2,
    /Give --minutes or --updates, not both/,
  ],
  [
    'a plan of words that are characters',
    ['plan', '--vocabulary', '20'],
    2,
    /--vocabulary is how many words to know.*Add --unit words/,
  ],
  ['a plan of a text shorter than a chunk', ['plan', '--text', 'short.txt'], 1, /short\.txt is shorter than a chunk/],
  [
    'a plan of too many streams',
    ['plan', '--text', 'rhyme.txt', '--batch', '9999'],
    2,
    /--batch 9999 is too much for this text/,
  ],
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
  ['a model without end', ['sample', '/dev/zero'], 1, /model \/dev\/zero cannot be read: it is not a regular file/],
  ['a model that is noise', ['sample', 'noise.safetensors'], 1, /is damaged or no safetensors file/],
  ['a model that is cut off', ['sample', 'cut.safetensors'], 1, /cut\.safetensors is damaged.*cut off/],
  ['a file of tensors alone', ['sample', 'bare.safetensors'], 1, /not a model of `tempograd train`/],
  ['a checkpoint as a model', ['sample', 'model.checkpoint.safetensors'], 1, /It is a checkpoint: go on with/],
  ['tensors of another size', ['sample', 'wider.safetensors'], 1, /does not match its own configuration.*weight_hh_l0/],
  [
    'a configuration of more layers than the file has',
    ['sample', 'deep.safetensors'],
    1,
    /deep\.safetensors cannot be used\. .*does not match its own configuration, .*"layers":4294967296.*missing in the file: rnn\.weight_ih_l1, .* and more/,
  ],
  [
    'a configuration larger than memory',
    ['sample', 'wide.safetensors'],
    1,
    /"hidden":20000.*rnn\.weight_hh_l0 is f32\[48, 12\] in the file, f32\[80000, 20000\] here/,
  ],
  [
    'a run of more layers than its checkpoint has',
    resumeOf('deep'),
    1,
    /deep\.checkpoint.*does not match.*"layers":4294967296.*missing.*rnn\.weight_ih_l1/,
  ],
  [
    'a run larger than memory',
    resumeOf('wide'),
    1,
    /wide\.checkpoint.*does not match.*"hidden":20000.*f32\[48, 12\] in the file, f32\[80000, 20000\]/,
  ],
  [
    'a run of more streams than its text has',
    resumeOf('parallel'),
    1,
    /parallel\.checkpoint.*4294967296 streams.*too few/,
  ],
  ['a run with a seed below 0', resumeOf('negative'), 1, /negative\.checkpoint.*damaged.*at "settings\.seed"/],
  ['a run that is no JSON', resumeOf('broken'), 1, /broken\.checkpoint.*damaged: what it says of its run/],
  ['a run on a module', resumeOf('foreign'), 2, /ran on the backend "\.\/no-backend\.js".*Name it with --backend/],
  [
    'a checkpoint without its state',
    resumeOf('stateless'),
    1,
    /stateless\.checkpoint.*cannot be read.*Begin anew without --resume/,
  ],
  [
    'a checkpoint with a flipped bit',
    resumeOf('flipped-model'),
    1,
    /flipped-model\.checkpoint.*cannot be read.*SHA-256.*--no-verify/,
  ],
  [
    'a model with a flipped bit',
    ['sample', 'flipped-model.safetensors'],
    1,
    /flipped-model\.safetensors is damaged.*SHA-256.*--no-verify/,
  ],
  ['a configuration that makes no sense', ['sample', 'odd.safetensors'], 1, /its cell is "lstn", none of ours/],
  [
    'another vocabulary',
    ['sample', 'fewer.safetensors'],
    1,
    /fewer\.safetensors cannot be used\. The file does not match itself: the model reads/,
  ],
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
    const { code, stdout, stderr } = await tempograd(args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.js:\d+/);
    expect({ code, stdout }).toEqual({ code: expectedCode, stdout: '' });
  });
});

test('a damaged file can be used all the same', async () => {
  const sampled = await tempograd(['sample', 'flipped-model.safetensors', '--no-verify', '-n', '5']);
  expect(sampled).toMatchObject({ code: 0, stderr: '' });
  const args = [...resumeOf('flipped-model'), '--no-verify', '--updates', '1'];
  expect(await tempograd(args)).toMatchObject({ code: 0, stderr: '' });
});

test('programs are told by an event too', async () => {
  const { code, stdout } = await tempograd(['train', '--text', 'no.txt', '--json']);
  expect(code).toBe(1);
  expect(eventsIn(stdout)).toEqual([{ event: 'error', exitCode: 1, message: expect.stringContaining('no.txt') }]);
});

test.each([['train'], ['sample'], ['check']])('%s --help lists its options', async (command) => {
  const { code, stdout } = await tempograd([command, '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(new RegExp(`^Usage: tempograd ${command}`));
  expect(stdout).toContain('--json');
});

test('--help tells the exit codes', async () => {
  const { code, stdout } = await tempograd(['--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/130 +stopped by Ctrl-C/);
});
