import '@tensorflow/tfjs-backend-webgl';
import { brief, testCharacterModel } from './support/characterModel.js';

testCharacterModel('webgl', brief);
