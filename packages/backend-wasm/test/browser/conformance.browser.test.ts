// The conformance suite in a page: with threads where it is cross-origin isolated, without where it is not.

import '../conformance.test.js';
