import { pageCases } from '../support/pageCases.js';
import { testOn } from '../support/suite.js';

testOn('webgpu in Chromium', pageCases);
