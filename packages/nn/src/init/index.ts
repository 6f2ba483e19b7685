export type { InitialiserName } from './byName.js';
export { chronoForgetBias } from './chrono.js';
export { constantInit, identityInit, zeroInit } from './constant.js';
export type { Initialiser } from './Initialiser.js';
export { orthogonal } from './orthogonal.js';
export { heNormal, heUniform, normalInit, uniformInit, xavierNormal, xavierUniform } from './scaled.js';
