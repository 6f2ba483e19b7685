import { parseRow } from './grid/Row.js';
import { shortRows } from './grid/rows.js';
import { costTable, type StepCost } from './gpu/costTable.js';
import { measureCost } from './gpu/measureCost.js';

// What training steps cost on a GPU that is not here: `npm run in -- bench gpu-cost [row …]`.
const named = process.argv.slice(2).filter((name) => name !== '--');
const rows = named.length > 0 ? named.map(parseRow) : shortRows.filter(({ mode }) => mode === 'train');
const costs: StepCost[] = [];
for (const row of rows) costs.push(await measureCost(row));
console.log(costTable(costs));
process.exit();
