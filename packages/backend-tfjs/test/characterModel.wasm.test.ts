import './support/wasm.js';
import { testCharacterModel } from './support/characterModel.js';

testCharacterModel('wasm');
