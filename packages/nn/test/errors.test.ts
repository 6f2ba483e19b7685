import { expect, test } from 'vitest';
import * as nn from '../src/index.js';
import * as node from '../src/node/index.js';

type ErrorClass = new (...args: unknown[]) => Error;

/** Whatever a minifier makes of a class's own name, its errors are told by `name`. */
test.each(Object.entries({ ...nn, ...node }).filter(([name]) => /^[A-Z].*Error$/.test(name)))(
  'the name of %s is not that of its class, which minifiers change',
  (name, Class) => {
    const Short = class e extends (Class as ErrorClass) {};
    expect(new Short('what is wrong', {}).name).toBe(name);
  },
);
