import { join } from 'node:path';

/** File of the liveness thread; the build replaces this module where there is no `__dirname`. */
export const threadLocation: string = join(__dirname, 'thread', 'liveness.thread.js');
