import './support/wasm.js';
import { brief, testCharacterModel } from './support/characterModel.js';

testCharacterModel('wasm', brief);
