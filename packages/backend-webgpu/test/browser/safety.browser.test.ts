// What holds at the end of a backend and of a device, in a page.

import '../safety/dispose.test.js';
import '../safety/lost.test.js';
import '../training/interrupted.test.js';
