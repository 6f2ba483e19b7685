import { extname } from 'node:path';
import type { ConformanceReport } from '@tempograd/conformance';
import {
  comparisonToHtml,
  comparisonToMarkdown,
  reportToHtml,
  reportToJson,
  reportToMarkdown,
  type Comparison,
} from '@tempograd/conformance/report';
import { writeWhole } from '@tempograd/nn/node';
import { UsageError } from '../Failure.js';

/** How one report and a comparison are written. */
interface Format {
  readonly report: (report: ConformanceReport) => string;
  readonly comparison: (comparison: Comparison) => string;
}

const formats: Readonly<Record<string, Format>> = {
  '.html': { report: reportToHtml, comparison: comparisonToHtml },
  '.md': { report: reportToMarkdown, comparison: comparisonToMarkdown },
  '.json': { report: reportToJson, comparison: (comparison) => `${JSON.stringify(comparison, null, 2)}\n` },
};

/** How to write a report, by the end of the file's name. @throws UsageError for another end. */
export function reportFormatOf(file: string): Format {
  const format = formats[extname(file)];
  if (format !== undefined) return format;
  throw new UsageError(`A report is written as ${Object.keys(formats).join(', ')}, but "${file}" ends otherwise.`);
}

/** Writes the comparison of several backends to `file`, and gives the name. */
export async function writeComparison(file: string, comparison: Comparison): Promise<string> {
  await writeWhole(file, new TextEncoder().encode(reportFormatOf(file).comparison(comparison)));
  return file;
}

/** Writes one backend's report, and gives the name of the file: with the backend's in it where there are several. */
export async function writeReport(file: string, report: ConformanceReport, several: boolean): Promise<string> {
  const extension = extname(file);
  const target = several ? `${file.slice(0, -extension.length)}-${report.backend.name}${extension}` : file;
  await writeWhole(target, new TextEncoder().encode(reportFormatOf(file).report(report)));
  return target;
}
