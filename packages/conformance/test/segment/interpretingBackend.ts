import { createBackend } from '@tempograd/backend-js';
import type { SegmentProgram } from '@tempograd/core/backend';
import type { JsBackend } from '../mutants/Mutant.js';
import { InterpretedSegment } from './InterpretedSegment.js';

/** The reference with one more optional op: it "compiles" a step by keeping the program, and interprets it at every step. */
export function interpretingBackend(): JsBackend {
  const real = createBackend();
  return {
    ...real,
    name: 'interpreting',
    compileSegment: (program: SegmentProgram) => new InterpretedSegment(real, program),
  };
}
