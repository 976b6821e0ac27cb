import type { EntityManager } from 'typeorm';
import type { EventReference } from '../events/definition/event-types.js';
import type { ReceiverPatterns } from '../engine/receivers/receiver-selection.js';
import type { WorkTerm } from '../engine/worker/work-term.js';
import type { Clock } from '../engine/clock/clock.js';
import type { JobsErrorContext } from './jobs-module-options.interface.js';

/** Options as the engine reads them: checked, with defaults, durations in milliseconds. */
export interface ResolvedJobsOptions {
  /** Name of the data source. */
  readonly dataSource: string;
  readonly schema: string | undefined;
  readonly register: boolean;
  readonly requireTransaction: boolean;
  readonly transactionManager: (() => EntityManager | undefined) | undefined;
  readonly unroutedEvents: 'warn' | 'refuse';
  readonly bridge: readonly EventReference[];
  /** Bytes. */
  readonly limits: { readonly payload: number };
  readonly retention: number;
  readonly migrate: boolean;
  readonly enhancers: { readonly global: boolean };
  /** `undefined`: kept in the database. */
  readonly cursorSecret: string | undefined;
  readonly redact: ((text: string) => string) | undefined;
  readonly onError: ((error: unknown, context: JobsErrorContext) => void) | undefined;
  readonly appVersion: string | undefined;
  readonly clock: Clock;
  readonly worker: false | ResolvedWorkerOptions;
  readonly sweep: false | ResolvedSweepOptions;
}

/** When this process sweeps: each so many milliseconds, or by a cron expression. */
export type ResolvedSweepOptions =
  { readonly every: number } | { readonly cron: string; readonly timeZone: string | undefined };

/** How this process works on deliveries. */
export interface ResolvedWorkerOptions extends ReceiverPatterns {
  readonly receivers: readonly string[] | undefined;
  readonly excludeReceivers: readonly string[];
  readonly label: string | undefined;
  /** `undefined`: to follow from the pool. */
  readonly concurrency: number | undefined;
  /** `undefined`: to follow from the pool. */
  readonly transactionalConcurrency: number | undefined;
  readonly pollInterval: number;
  readonly shutdownGrace: number;
  readonly maxInterruptions: number;
  readonly batch: number;
  readonly lease: number;
  readonly connection: { readonly url: string } | undefined;
  /** What ends its work; set by the command line alone. */
  readonly term: WorkTerm | undefined;
}
