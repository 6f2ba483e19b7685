import '@tensorflow/tfjs-backend-cpu';
import { testCharacterModel } from './support/characterModel.js';

testCharacterModel('cpu');
