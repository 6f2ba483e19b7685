import { sizeOf } from '@tempograd/core/backend';
import type { Backend } from '@tempograd/core/backend';
import type { Engine } from '../engine/Engine.js';
import type { Handle } from '../memory/Storage.js';

/** Softmax cross-entropy and layer normalisation: ops on whole rows. */
export function rowNormOps(
  engine: Engine,
): Pick<Backend<Handle>, 'softmaxCrossEntropy' | 'layerNormForward' | 'layerNormBackward'> {
  const { heap } = engine;
  return {
    softmaxCrossEntropy(logits, targets, labelSmoothing, wantGradient) {
      const [rows, classes = 0] = [sizeOf(targets.shape), logits.shape.at(-1)];
      const loss = heap.allocate(targets.shape, logits.dtype);
      const gradient = wantGradient ? heap.allocate(logits.shape, logits.dtype) : null;
      engine.setWords(
        engine.pointer(logits),
        engine.pointer(targets),
        loss.pointer,
        gradient?.pointer ?? 0,
        rows,
        classes,
      );
      engine.setFloats(6, labelSmoothing);
      engine.run('softmaxCrossEntropy', { parts: engine.partsFor(rows * (20 + classes * 2.5)) });
      return { loss, gradient };
    },

    layerNormForward(x, weight, bias, epsilon) {
      const [rows = 0, length = 0] = x.shape;
      const output = heap.allocate(x.shape, x.dtype);
      const mean = heap.allocate([rows], x.dtype);
      const rstd = heap.allocate([rows], x.dtype);
      engine.setWords(
        engine.pointer(x),
        engine.pointer(weight),
        engine.pointer(bias),
        output.pointer,
        mean.pointer,
        rstd.pointer,
        rows,
        length,
      );
      engine.setFloats(8, epsilon);
      engine.run('layerNorm', { parts: engine.partsFor(rows * (10 + length)) });
      return { output, mean, rstd };
    },

    layerNormBackward(x, weight, mean, rstd, cotangent) {
      const [rows = 0, length = 0] = x.shape;
      const dx = heap.allocate(x.shape, x.dtype);
      const dWeight = heap.allocate(weight.shape, x.dtype);
      const dBias = heap.allocate(weight.shape, x.dtype);
      engine.setWords(
        engine.pointer(x),
        engine.pointer(weight),
        engine.pointer(mean),
        engine.pointer(rstd),
        engine.pointer(cotangent),
        dx.pointer,
        dWeight.pointer,
        dBias.pointer,
        rows,
        length,
      );
      const parts = engine.partsFor(rows * (10 + length));
      engine.run('layerNormBackwardInput', { parts });
      engine.runWithScratch('layerNormBackwardAffine', parts);
      return { x: dx, weight: dWeight, bias: dBias };
    },
  };
}
