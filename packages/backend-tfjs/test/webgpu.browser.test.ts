import '@tensorflow/tfjs-backend-webgpu';
import { groups } from '@tempograd/conformance';
import { webgpuDeviations } from './support/deviations.js';
import { testOn } from './support/suite.js';

/** Core composes these of ops that the other groups test; on a software driver a case of them takes half a minute. */
const composed = ['recurrent', 'cells', 'scan', 'strategies', 'credit', 'properties'];

testOn(
  'webgpu',
  webgpuDeviations,
  groups.filter((group) => !composed.includes(group)),
);
