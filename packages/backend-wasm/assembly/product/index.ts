export { product, productScratchBytes } from './product';
export { setWideTiles } from './wideTiles';
