import { expect, test } from 'vitest';
import { readCsv } from '../../src/index.js';

test('a table is read in a page', async () => {
  const file = new File(['\uFEFFdate,co2\r\n1958-03-01,"315,70"\r\n1958-04-01,\r\n'], 'co2.csv');
  const table = await readCsv(await file.text(), { decimal: ',' });
  expect(table.columns(['co2'])).toEqual({ co2: Float64Array.of(315.7, Number.NaN) });
  expect(table.dates('date')).toEqual(Float64Array.of(Date.UTC(1958, 2), Date.UTC(1958, 3)));
});
