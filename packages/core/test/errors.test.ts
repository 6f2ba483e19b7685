import { expect, test } from 'vitest';
import * as tg from '../src/index.js';

type ErrorClass = new (...args: unknown[]) => Error;

/** Whatever a minifier makes of a class's own name, its errors are told by `name`. */
test.each(Object.entries(tg).filter(([name]) => name.endsWith('Error') && name !== 'TempogradError'))(
  'the name of %s is not that of its class, which minifiers change',
  (name, Class) => {
    const Short = class e extends (Class as ErrorClass) {};
    expect(new Short('what is wrong', {}).name).toBe(name);
  },
);
