import { describe, expect, test } from 'vitest';
import { DataError, readCsv } from '../../src/index.js';

const { NaN: none } = Number;

describe('readCsv', () => {
  test('gives columns by name, as numbers, dates and texts', async () => {
    const text =
      '\uFEFFdate,co2, "sea, level",note\r\n1958-03-01,315.7,-1e3,"a ""quoted"" one"\r\n\r\n1958-04-01,,NA,\n';
    const table = await readCsv(text);
    expect([table.names, table.rows]).toEqual([['date', 'co2', 'sea, level', 'note'], 2]);
    expect(table.columns(['co2', 'sea, level'])).toEqual({
      co2: Float64Array.of(315.7, none),
      'sea, level': Float64Array.of(-1000, none),
    });
    expect(table.texts('note')).toEqual(['a "quoted" one', '']);
    expect(table.dates('date')).toEqual(Float64Array.of(Date.UTC(1958, 2), Date.UTC(1958, 3)));
  });

  test('in the ways in which they are written elsewhere', async () => {
    const table = await readCsv('# made by hand\n1,5;x\n-2,25;?\n', {
      delimiter: ';',
      decimal: ',',
      comment: '#',
      names: ['a', 'b'],
      missing: ['x', '?'],
    });
    expect(table.columns(['a', 'b'])).toEqual({ a: Float64Array.of(1.5, -2.25), b: Float64Array.of(none, none) });
    expect((await readCsv('a\tb\n1\t2', { delimiter: '\t' })).numbers('b')).toEqual(Float64Array.of(2));
  });

  test('dates in ISO’s order are in UTC unless they say otherwise', async () => {
    const dates = ['2024-02', '2024/2/29', '2024-02-29 13:30', '2024-02-29T13:30:15.5Z', '2024-02-29T13:30+0130'];
    const table = await readCsv(`when\n${dates.join('\n')}\n`);
    const day = Date.UTC(2024, 1, 29);
    expect([...table.dates('when')]).toEqual([
      Date.UTC(2024, 1),
      day,
      day + 13.5 * 3_600_000,
      day + 13.5 * 3_600_000 + 15_500,
      day + 12 * 3_600_000,
    ]);
    const german = await readCsv('when\n31.01.2024\n');
    const read = (text: string): Date => {
      const [date = 0, month = 0, year = 0] = text.split('.').map(Number);
      return new Date(Date.UTC(year, month - 1, date));
    };
    expect(german.dates('when', read)).toEqual(Float64Array.of(Date.UTC(2024, 0, 31)));
    expect(() => german.dates('when')).toThrow(/column "when", line 2: "31.01.2024" is no date such as 2024-01-31/);
    const wrong = await readCsv('when\n2024-02-30\n2024-13-01\n2024-01-01T25:00\n');
    for (const row of [2, 3, 4]) {
      const only = await readCsv(`when\n${wrong.texts('when')[row - 2]}\n`);
      expect(() => only.dates('when'), only.texts('when')[0]).toThrow(/line 2: .* is no date/);
    }
  });

  test('refuses what is no number by column and line, and columns that there are not', async () => {
    const table = await readCsv('a,b\n1,2\n\n3,4k\n1.000,"1,5"\n0x,');
    expect(() => table.numbers('b')).toThrow(/readCsv: column "b", line 4: "4k" is no number.*missing/);
    expect(() => table.numbers('c')).toThrow(/no column "c"; there are "a", "b"/);
    expect(() => table.columns(['a'])).toThrow(/column "a", line 6: "0x" is no number/);
    const forms = await readCsv('a\n+1.5e-3\n.5\n5.\n" 7 "\n');
    expect(forms.numbers('a')).toEqual(Float64Array.of(0.0015, 0.5, 5, 7));
    for (const text of ['0x1F', '0b1', '1e999', '1 000', '--1', 'e5', '.'])
      expect(await readCsv(`a\n${text}\n`).then((one) => () => one.numbers('a')), text).toThrow(
        /line 2: .* is no number/,
      );
    const decimal = await readCsv('a;b\n1.000,5;Infinity', { delimiter: ';', decimal: ',' });
    expect(() => decimal.numbers('a')).toThrow(/"1.000,5" is no number/);
    expect(() => decimal.numbers('b')).toThrow(/"Infinity" is no number/);
  });

  test.each<[string, string, RegExp]>([
    ['lines that are not alike', 'a,b\n1,2\n3\n', /line 3 has 1 value, but there are 2 columns: a, b/],
    ['a quote that does not end', 'a,b\n1,"2\n', /readCsv: .*[Qq]uote/],
    ['a name that is there twice', 'a,a\n1,2\n', /two columns are called "a"/],
    ['a column without a name', 'a,\n1,2\n', /column 1 has no name/],
    ['no rows', 'a,b\n', /no rows below the names/],
    ['nothing', '', /there are no rows\./],
  ])('refuses %s', async (_, text, message) => {
    await expect(readCsv(text)).rejects.toThrow(DataError);
    await expect(readCsv(text)).rejects.toThrow(message);
  });

  test('refuses names of columns that are none', async () => {
    await expect(readCsv('1,2', { names: [1, 2] as never })).rejects.toThrow(
      /name of column 0 must be a text, but is 1/,
    );
    await expect(readCsv('1,2', { names: [] })).rejects.toThrow(/line 1 has 2 values, but there are 0 columns/);
  });

  test('refuses what is no text', async () => {
    await expect(readCsv(new Uint8Array(1) as never)).rejects.toThrow(/a text is wanted/);
  });
});
