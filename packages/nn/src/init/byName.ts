import { ArgumentError } from '@tempograd/core';
import { identityInit, zeroInit } from './constant.js';
import type { Initialiser } from './Initialiser.js';
import { orthogonal } from './orthogonal.js';
import { heNormal, heUniform, xavierNormal, xavierUniform } from './scaled.js';

/** Names of initialisers, each with its own defaults; all but zeros are for matrices. */
export const initialiserNames = [
  'xavierUniform',
  'xavierNormal',
  'heUniform',
  'heNormal',
  'orthogonal',
  'identity',
  'zeros',
] as const;

/** Initialisers that settings can name. */
export type InitialiserName = (typeof initialiserNames)[number];

const initialisers: Readonly<Record<InitialiserName, Initialiser>> = {
  xavierUniform: xavierUniform(),
  xavierNormal: xavierNormal(),
  heUniform: heUniform(),
  heNormal: heNormal(),
  orthogonal: orthogonal(),
  identity: identityInit(),
  zeros: zeroInit(),
};

/** An initialiser by its name, or as it is. @throws ArgumentError for a name there is not. */
export function initialiserOf(of: string, initialiser: InitialiserName | Initialiser): Initialiser {
  if (typeof initialiser === 'function') return initialiser;
  if (initialiserNames.includes(initialiser)) return initialisers[initialiser];
  throw new ArgumentError(
    `${of} must be one of ${initialiserNames.join(', ')}, or a function (key, shape) => values, but is ${JSON.stringify(initialiser)}.`,
  );
}
