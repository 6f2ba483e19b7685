import { openStage } from './stage.js';
import { ArrayTensor, type Tensor } from './Tensor.js';

/** Whether the values of a tensor are there at once: not of what is traced, differentiated or batched, nor where only `await` gives them. */
export function isReadable(x: Tensor): x is ArrayTensor {
  return x instanceof ArrayTensor && x.backend.readSync !== undefined && openStage() === null;
}
