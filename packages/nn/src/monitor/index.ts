export { monitor, type Monitor, type MonitoredStep, type MonitorOptions, type MonitorState } from './monitor.js';
export type { Finding, FindingKind } from './Finding.js';
