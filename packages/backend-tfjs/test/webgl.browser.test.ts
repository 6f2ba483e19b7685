import '@tensorflow/tfjs-backend-webgl';
import { groups } from '@tempograd/conformance';
import { webglDeviations } from './support/deviations.js';
import { testOn } from './support/suite.js';

/** Random shapes: tfjs compiles a shader for each, and on a software driver one case takes minutes. */
const slow = ['properties'];

testOn(
  'webgl',
  webglDeviations,
  groups.filter((group) => !slow.includes(group)),
);
