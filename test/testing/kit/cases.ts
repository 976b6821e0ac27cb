import { clockCases } from './clock.cases.js';
import { inlineCases } from './inline.cases.js';
import type { KitCase } from './kit-case.js';
import { manualCases } from './manual.cases.js';
import { matcherCases } from './matcher.cases.js';
import { recordingCases } from './recording.cases.js';
import { rollbackCases } from './rollback.cases.js';

/** Everything the kit does for a test. */
export const KIT_CASES: readonly KitCase[] = [
  ...inlineCases,
  ...manualCases,
  ...recordingCases,
  ...clockCases,
  ...matcherCases,
  ...rollbackCases,
];
