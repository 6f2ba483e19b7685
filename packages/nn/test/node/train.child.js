// Trains, and saves a checkpoint after every update, until it is killed. Runs the built package, as a user's program does.
import { createBackend } from '@tempograd/backend-js';
import { useBackend } from '@tempograd/core';
import { fileCheckpointStore } from '../../dist/node/index.js';
import { fit } from '../../dist/index.js';
import { makeTraining } from './training.js';
