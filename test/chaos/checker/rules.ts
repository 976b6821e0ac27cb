import type { Rule } from './rule.js';
import { claimedOnce } from './rules/claimed-once.rule.js';
import { claimsOnlyGrow } from './rules/claims-only-grow.rule.js';
import { effectsOnce } from './rules/effects-once.rule.js';
import { everythingDrained } from './rules/everything-drained.rule.js';
import { interruptedIsNotFailed } from './rules/interrupted-is-not-failed.rule.js';
import { nothingFromARollback } from './rules/nothing-from-a-rollback.rule.js';
import { nothingLost } from './rules/nothing-lost.rule.js';
import { oneRunAtATime } from './rules/one-run-at-a-time.rule.js';
import { notBeforeItsTime } from './rules/not-before-its-time.rule.js';
import { onlyTheHolderWrites } from './rules/only-the-holder-writes.rule.js';
import { onlyTheSilentAreDead } from './rules/only-the-silent-are-dead.rule.js';
import { plannedDeadLetters } from './rules/planned-dead-letters.rule.js';
import { processesSurvive } from './rules/processes-survive.rule.js';
import { recoveredInTime } from './rules/recovered-in-time.rule.js';
import { toldCommittedIsKept } from './rules/told-committed-is-kept.rule.js';
import { workIsFound } from './rules/work-is-found.rule.js';

/** What holds for every kind of work. */
export const rules: readonly Rule[] = [
  nothingLost,
  nothingFromARollback,
  toldCommittedIsKept,
  effectsOnce,
  onlyTheHolderWrites,
  notBeforeItsTime,
  oneRunAtATime,
  claimedOnce,
  claimsOnlyGrow,
  onlyTheSilentAreDead,
  interruptedIsNotFailed,
  plannedDeadLetters,
  recoveredInTime,
  workIsFound,
  everythingDrained,
  processesSurvive,
];
