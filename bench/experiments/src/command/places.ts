import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** Figures at the full size, a file an experiment. */
export const resultsFolder: string = join(root, 'bench/results/experiments');

/** Pictures of these figures. */
export const picturesFolder: string = join(root, 'docs/images/experiments');

/** A page an experiment. */
export const pagesFolder: string = join(root, 'docs/experiments');
