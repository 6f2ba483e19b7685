export { lineChart, type ChartAxis, type ChartRule, type ChartSeries, type LineChartOptions } from './lineChart.js';
