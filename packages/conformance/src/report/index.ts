export {
  columnTitle,
  compareReports,
  verdictOf,
  type ComparedBackend,
  type ComparedField,
  type ComparedOutcome,
  type Comparison,
  type UncheckedBackend,
} from './compareReports.js';
export type { ComparisonPageOptions, ReportTable } from './ComparisonPageOptions.js';
export { comparisonToHtml } from './comparisonToHtml.js';
export { comparisonToMarkdown } from './comparisonToMarkdown.js';
export { reportToHtml } from './reportToHtml.js';
export { reportToJson } from './reportToJson.js';
export { reportToMarkdown } from './reportToMarkdown.js';
export { formatError, type Cell, type WorstError } from './rows.js';
