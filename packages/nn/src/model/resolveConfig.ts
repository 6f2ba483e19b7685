import { choiceMeant, checkOptions, optionTable, required } from '@tempograd/core/backend';
import type { OwnCell } from '../layers/index.js';
import { checkOwnCell } from '../layers/recurrent/OwnCell.js';
import { modelCells, modelLosses, sharedKinds, type ResolvedConfig, type SequenceModelConfig } from './config.js';
import { isNamed, type ModelInput, type NamedInputs } from './ModelInput.js';
import { checkInitialisers } from './modelInitialisers.js';
import { refuseUnless } from './refuseUnless.js';

type AnyConfig = SequenceModelConfig<ModelInput | NamedInputs>;
type AnyResolved = ResolvedConfig<ModelInput | NamedInputs>;

const configTable = optionTable<AnyConfig>({
  input: required({ wanted: '{ vocabulary, embedding } or { features }, or several of these by name', members: [] }),
  ...sharedKinds,
  outputs: required('number'),
  loss: 'string',
});

const inputTables = {
  tokens: optionTable<Extract<ModelInput, { vocabulary: number }>>({
    vocabulary: required('number'),
    embedding: required('number'),
  }),
  features: optionTable<Extract<ModelInput, { features: number }>>({ features: required('number') }),
};

/** Fills in defaults. @throws ArgumentError naming the setting that makes no sense and what would. */
export function resolveConfig<I extends ModelInput | NamedInputs>(config: SequenceModelConfig<I>): ResolvedConfig<I> {
  checkOptions('sequenceModel', config, configTable);
  checkInput(config.input);
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
  const resolved: ResolvedConfig<I> = {
    cell: 'lstm',
    layers: 1,
    bidirectional: false,
    dropout: 0,
    layerNorm: false,
    residual: false,
    learnedCarry: false,
    forgetBias: 1,
    chrono: null,
    initialisers: {},
    pooling: 'none',
    loss: 'vocabulary' in config.input && !isNamed(config.input) ? 'crossEntropy' : 'meanSquaredError',
    tieWeights: false,
    labelSmoothing: 0,
    ignoreIndex: null,
    classWeights: null,
    paddingIndex: null,
    ...(given as unknown as SequenceModelConfig<I>),
  };
  checkSizes(resolved);
  checkChrono(resolved);
  checkLoss(resolved);
  checkVocabulary(resolved);
  const { cell, classWeights } = resolved;
  return {
    ...resolved,
    classWeights: classWeights && Array.from(classWeights),
    initialisers: checkInitialisers(resolved),
    cell: typeof cell === 'string' ? cell : storedByName(cell),
  };
}

function checkInput(input: ModelInput | NamedInputs): void {
  if (!isNamed(input)) return checkOne(input, 'input');
  for (const [name, kind] of Object.entries(input)) {
    refuseUnless(
      /^[A-Za-z]\w*$/.test(name),
      `the name of an input must be letters, digits and _, but is ${JSON.stringify(name)}.`,
    );
    refuseUnless(
      !['vocabulary', 'embedding', 'features'].includes(name),
      `"${name}" says what an input is, so that it cannot be its name; choose another.`,
    );
    checkOne(kind, `input.${name}`);
  }
}

function checkOne(input: ModelInput, path: string): void {
  const has = (...names: string[]): boolean => names.every((name) => name in input);
  refuseUnless(
    has('vocabulary', 'embedding') || has('features'),
    `${path} must be { vocabulary, embedding } or { features }${path === 'input' ? ', or several of these by name' : ''}.`,
  );
  checkOptions('sequenceModel', input, inputTables[has('vocabulary') ? 'tokens' : 'features'], path);
  for (const [name, size] of Object.entries(input)) requireSize(path === 'input' ? name : `${path}.${name}`, size);
}

function checkSizes({ hidden, layers, outputs, cell, dropout, learnedCarry, residual }: AnyResolved): void {
  for (const [name, size] of Object.entries({ hidden, layers, outputs })) requireSize(name, size);
  if (typeof cell === 'string') {
    refuseUnless(
      modelCells.includes(cell),
      `there is no cell "${cell}"; choose one of ${modelCells.join(', ')}, or hand in a cell of your own, { name, shapes, cell }.${choiceMeant(cell, modelCells)}`,
    );
  } else {
    checkOwnCell('sequenceModel', cell, modelCells);
    refuseUnless(
      !learnedCarry,
      'learnedCarry is for the standard cells; a cell of your own says its start by initialCarry.',
    );
  }
  refuseUnless(dropout >= 0 && dropout < 1, `dropout must lie in [0, 1), but is ${dropout}.`);
  refuseUnless(
    !residual || layers > 1,
    'residual would do nothing, for the first layer has none below it and there is one only; set layers to 2 or more.',
  );
}

function checkChrono({ cell, chrono, forgetBias }: AnyResolved): void {
  if (chrono === null) return;
  refuseUnless(
    cell === 'lstm' || cell === 'gru',
    'chrono sets the biases of gates, which an lstm and a gru have; leave it out, or choose one of these cells.',
  );
  // A resolved configuration has the default beside it.
  refuseUnless(
    forgetBias === 1,
    `forgetBias ${forgetBias} and chrono ${chrono} both set the forget gate’s bias; leave one of them out.`,
  );
}

function checkLoss({ loss, labelSmoothing, ignoreIndex, classWeights, outputs }: AnyResolved): void {
  refuseUnless(
    modelLosses.includes(loss),
    `there is no loss "${loss}"; choose one of ${modelLosses.join(', ')}.${choiceMeant(loss, modelLosses)}`,
  );
  refuseUnless(
    labelSmoothing >= 0 && labelSmoothing < 1,
    `labelSmoothing must lie in [0, 1), but is ${labelSmoothing}.`,
  );
  if (loss !== 'crossEntropy') {
    refuseUnless(labelSmoothing === 0, `labelSmoothing is for crossEntropy, but the loss is ${loss}.`);
    refuseUnless(ignoreIndex === null, `ignoreIndex is for crossEntropy, but the loss is ${loss}; use a mask.`);
    refuseUnless(classWeights === null, `classWeights are for crossEntropy, but the loss is ${loss}.`);
  }
  if (classWeights === null) return;
  refuseUnless(
    classWeights.length === outputs && Array.from(classWeights).every((weight) => weight >= 0 && weight < Infinity),
    `classWeights must be ${outputs} finite numbers ≥ 0, one for each class, but are [${Array.from(classWeights).join(', ')}].`,
  );
}

function checkVocabulary({ input, hidden, bidirectional, outputs, tieWeights, paddingIndex }: AnyResolved): void {
  const items = isNamed(input) || !('vocabulary' in input) ? null : input;
  const what = isNamed(input) ? 'several inputs' : 'features';
  if (paddingIndex !== null) {
    if (items === null)
      return refuseUnless(false, `paddingIndex is an item of a vocabulary, but the input is ${what}; use a mask.`);
    refuseUnless(
      Number.isInteger(paddingIndex) && paddingIndex >= 0 && paddingIndex < items.vocabulary,
      `paddingIndex ${paddingIndex} is not in the vocabulary; use 0 to ${items.vocabulary - 1}.`,
    );
  }
  if (!tieWeights) return;
  if (items === null) return refuseUnless(false, `tieWeights needs an embedding, but the input is ${what}.`);
  const last = hidden * (bidirectional ? 2 : 1);
  refuseUnless(
    outputs === items.vocabulary && items.embedding === last,
    `tieWeights needs outputs = vocabulary and embedding = the last layer's output size, but they are ` +
      `${outputs}, ${items.vocabulary} and ${items.embedding}, ${last}.`,
  );
}

function requireSize(name: string, size: unknown): void {
  refuseUnless(
    Number.isSafeInteger(size) && (size as number) >= 1,
    `${name} must be a whole number ≥ 1, but is ${String(size)}.`,
  );
}

/** The cell, which JSON has by its name. */
function storedByName(cell: OwnCell): OwnCell {
  return Object.defineProperty({ ...cell }, 'toJSON', { value: () => cell.name });
}
