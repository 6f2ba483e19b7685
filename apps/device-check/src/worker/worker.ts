import { openers } from '../backends/openers.js';
import { serve } from './serve.js';

serve(openers);
