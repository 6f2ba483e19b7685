export { deviationsOf, type TfjsDeviation } from './deviationsOf.js';
