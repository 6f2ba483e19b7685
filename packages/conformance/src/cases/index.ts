import type { ConformanceCase } from '../run/Case.js';
import { castCases } from './cast.js';
import { compareSelectCases } from './compareSelect.js';
import { elementwiseCases } from './elementwise.js';
import { layoutCases } from './layout.js';
import { matmulCases } from './matmul.js';
import { reduceCases } from './reduce.js';
import { rowsCases } from './rows.js';

/** Every case of the suite, in the order they run. */
export const conformanceCases: readonly ConformanceCase[] = [
  ...elementwiseCases,
  ...compareSelectCases,
  ...layoutCases,
  ...rowsCases,
  ...castCases,
  ...reduceCases,
  ...matmulCases,
];
