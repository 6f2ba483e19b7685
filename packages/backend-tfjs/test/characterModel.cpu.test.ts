import '@tensorflow/tfjs-backend-cpu';
import { brief, testCharacterModel } from './support/characterModel.js';

testCharacterModel('cpu', brief);
