export { product, productScratchBytes } from './product';
