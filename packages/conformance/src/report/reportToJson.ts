import type { ConformanceReport } from '../run/ConformanceReport.js';
import { countsOf, rowsOf } from './rows.js';

/** The report for programs: counts, the table of ops, and every case. Numbers that are not finite become null. */
export function reportToJson(report: ConformanceReport): string {
  return `${JSON.stringify({ ...report, counts: countsOf(report), rows: rowsOf(report) }, null, 2)}\n`;
}
