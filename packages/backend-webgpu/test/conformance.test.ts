import { groups } from '@tempograd/conformance';
import { composedGroups } from './support/pageCases.js';
import { testOn } from './support/suite.js';

testOn('webgpu in Node', { only: { groups: groups.filter((group) => !composedGroups.includes(group)) } });

// Of each input by itself differences of what core composes are taken on the reference, with the same calls in the same order.
testOn('webgpu in Node, what core composes', { only: { groups: composedGroups }, differences: 'jointly' });
