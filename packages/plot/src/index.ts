export { creditPicture, type CreditPictureOptions } from './creditPicture.js';
export { healthPictures, type HealthPictures, type HealthPicturesOptions } from './healthPictures.js';
export { lineChart, type ChartAxis, type ChartRule, type ChartSeries, type LineChartOptions } from './lineChart.js';
