import { ArgumentError } from '@tempograd/core';
import { checkOptions, optionTable } from '@tempograd/core/backend';
import { initialiserOf } from '../init/byName.js';
import type { Initialiser } from '../init/index.js';
import type { ModelInitialisers, ResolvedConfig } from './config.js';
import { isNamed, type ModelInput, type NamedInputs } from './ModelInput.js';
import { refuseUnless } from './refuseUnless.js';

const table = optionTable<ModelInitialisers>({
  embedding: 'string or function',
  input: 'string or function',
  recurrent: 'string or function',
  bias: 'string or function',
  carry: 'string or function',
  head: 'string or function',
});

/** What is no matrix, so that of the names zeros alone fits. */
const notMatrices: readonly string[] = ['bias', 'carry'];

/** The settings, of which JSON is refused where one is a function. @throws ArgumentError for one that makes no sense. */
export function checkInitialisers(config: ResolvedConfig<ModelInput | NamedInputs>): ModelInitialisers {
  const { initialisers, cell, learnedCarry, tieWeights, input } = config;
  checkOptions('sequenceModel', initialisers, table, 'initialisers');
  const given = Object.entries(initialisers).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (typeof value === 'string' && notMatrices.includes(name)) {
      refuseUnless(value === 'zeros', `initialisers.${name} must be zeros or a function, but is "${value}".`);
    }
    initialiserOf(`sequenceModel: initialisers.${name}`, value as string as 'zeros');
  }
  const has = (name: keyof ModelInitialisers): boolean => initialisers[name] !== undefined;
  if (typeof cell !== 'string') {
    refuseUnless(
      !has('input') && !has('recurrent') && !has('bias'),
      'initialisers of input, recurrent and bias are for the standard cells; a cell of your own has its init.',
    );
  }
  const inputs = isNamed(input) ? Object.values(input) : [input];
  refuseUnless(!has('carry') || learnedCarry, 'initialisers.carry is for a learned carry; set learnedCarry.');
  refuseUnless(
    !has('head') || !tieWeights,
    'initialisers.head would do nothing, for the head has the embedding’s weight.',
  );
  refuseUnless(
    !has('embedding') || inputs.some((each) => 'vocabulary' in each),
    'initialisers.embedding would do nothing, for no input has an embedding.',
  );
  const functions = given.filter(([, value]) => typeof value === 'function').map(([name]) => name);
  const checked = Object.fromEntries(given);
  if (functions.length === 0) return checked;
  return Object.defineProperty(checked, 'toJSON', {
    value: () => {
      throw new ArgumentError(
        `sequenceModel: initialisers.${functions.join(', initialisers.')} cannot be stored, for a function is no JSON. Use an ` +
          'initialiser that has a name; or store the configuration without initialisers, which a trained model needs no more.',
      );
    },
  });
}

/** The initialiser of a kind of parameter under the name of a layer's option; nothing where there is none. */
export function initialiserAs<K extends string>(
  name: K,
  initialiser: ModelInitialisers[keyof ModelInitialisers],
): { readonly [name in K]?: Initialiser } {
  if (initialiser === undefined) return {};
  return { [name]: initialiserOf('initialisers', initialiser) } as { readonly [name in K]?: Initialiser };
}
