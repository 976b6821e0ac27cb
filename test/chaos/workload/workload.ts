import type { Provider } from '@nestjs/common';
import type { Rule } from '../checker/rule.js';
import type { Journal } from '../history/journal.js';
import type { Deployment } from '../processes/deployment.js';
import type { EmittingStage } from './emitting-stage.js';

/** What providers of a workload are made with. */
export interface ReceivingStage {
  readonly deployment: Deployment;
  readonly journal: Journal;
}

/**
 * A kind of work to be done under faults: what emitting processes do, what receives it, and what must hold of it beside what holds for
 * all. New concepts bring a workload of their own; nemesis and checker stay as they are.
 */
export interface Workload {
  readonly name: string;
  /** Receivers of a process of that deployment, and types of jobs; kinds of work may share them. */
  readonly providers: (stage: ReceivingStage) => readonly Provider[];
  /** Does one piece of work in an emitting process. */
  step(stage: EmittingStage): Promise<void>;
  /** Tables whose rows its rules look at, beside those of every history. */
  readonly tables: readonly string[];
  /** Counts what is still to happen by itself, as SQL that answers with one number named `count`. */
  readonly unfinished?: string;
  /** What must hold of this work alone. */
  readonly rules: readonly Rule[];
}
