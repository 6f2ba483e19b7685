import '@tensorflow/tfjs-backend-webgl';
import { testCharacterModel } from './support/characterModel.js';

// Fewer, shorter and larger steps than elsewhere, since a software driver takes long for each: every shader has run after one.
testCharacterModel('webgl', { updates: 34, steps: 4, learningRate: 0.02 });
