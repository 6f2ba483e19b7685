import { expect, test } from 'vitest';
import { tooOld } from '../src/too-old.js';

test.each(['18.20.4', '20.18.3', '8.0.0'])('Node %s is too old, and the user is told', (version) => {
  expect(tooOld(version)).toContain(`tempograd needs Node 20.19 or later, and this is Node ${version}.`);
});

test.each(['20.19.0', '20.20.2', '22.0.0', '24.11.1'])('Node %s will do', (version) => {
  expect(tooOld(version)).toBe('');
});
