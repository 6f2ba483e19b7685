import '@tensorflow/tfjs-backend-webgl';
import { testCharacterModel } from './support/characterModel.js';

// Fewer than elsewhere, since a software driver takes a fifth of a second for each: every shader has run after one.
testCharacterModel('webgl', 60);
