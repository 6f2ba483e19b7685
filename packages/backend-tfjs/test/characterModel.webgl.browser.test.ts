import '@tensorflow/tfjs-backend-webgl';
import { testCharacterModel } from './support/characterModel.js';

testCharacterModel('webgl');
