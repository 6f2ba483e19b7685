import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../..');

/** Folders in which results are kept. */
export interface Places {
  readonly results: string;
  readonly pictures: string;
}

/** Where results stand that the pages show. */
export const keptPlaces: Places = {
  results: join(root, 'bench/results/experiments'),
  pictures: join(root, 'docs/images/experiments'),
};
