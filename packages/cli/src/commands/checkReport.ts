import { extname } from 'node:path';
import { reportToHtml, reportToJson, reportToMarkdown, type ConformanceReport } from '@tempograd/conformance';
import { writeWhole } from '@tempograd/nn/node';
import { UsageError } from '../Failure.js';

const formats: Readonly<Record<string, (report: ConformanceReport) => string>> = {
  '.html': reportToHtml,
  '.md': reportToMarkdown,
  '.json': reportToJson,
};

/** How to write a report, by the end of the file's name. @throws UsageError for another end. */
export function reportFormatOf(file: string): (report: ConformanceReport) => string {
  const format = formats[extname(file)];
  if (format !== undefined) return format;
  throw new UsageError(`A report is written as ${Object.keys(formats).join(', ')}, but "${file}" ends otherwise.`);
}

/** Writes a report, and gives the name of the file: with the backend's in it where there are several. */
export async function writeReport(file: string, report: ConformanceReport, several: boolean): Promise<string> {
  const extension = extname(file);
  const target = several ? `${file.slice(0, -extension.length)}-${report.backend.name}${extension}` : file;
  await writeWhole(target, new TextEncoder().encode(reportFormatOf(file)(report)));
  return target;
}
