import { TestIsolation } from '../../../../lib/testing/transaction/test-isolation.js';
import type { Break } from './break.js';

export const rollbackBreaks: readonly Break[] = [
  {
    what: 'keeps what a receiver alone did, though it is to be rolled back',
    found: /deliver takes back/,
    needsDatabase: true,
    before: (spoiler) => spoiler.replace(TestIsolation.prototype, 'rolledBack', () => (_what, work) => work()),
  },
  {
    what: 'has no transaction around the test',
    found: /the transaction of a test takes back/,
    needsDatabase: true,
    before: (spoiler) => spoiler.replace(TestIsolation.prototype, 'begin', () => () => Promise.resolve()),
  },
];
