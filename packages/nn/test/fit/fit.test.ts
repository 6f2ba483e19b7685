import { describe, expect, test } from 'vitest';
import { withFreshBackend } from '../support/close.js';
import { train } from './training.js';

withFreshBackend();

describe('fit', () => {
  test('learns a small text', async () => {
    const steps = await train({ epochs: 6 });
    const first = steps[0];
    const last = steps.at(-1);
    expect(first?.loss).toBeCloseTo(Math.log(13), 0);
    expect(last?.loss).toBeLessThan(2);
  });
});
