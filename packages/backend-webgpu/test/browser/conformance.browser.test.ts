import { pageCases } from '../support/pageCases.js';
import { testOn } from '../support/suite.js';

// Finite differences of each input by itself are Node's.
testOn('webgpu in Chromium', { only: { names: pageCases }, differences: 'jointly' });
