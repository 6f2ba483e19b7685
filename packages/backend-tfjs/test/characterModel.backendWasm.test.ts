import { testCharacterModelOnWasm } from './support/characterModel.js';

testCharacterModelOnWasm();
