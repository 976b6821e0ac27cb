import type { SessionSettings } from '../../../lib/engine/liveness/session-settings.js';
import type { DeploymentName } from './deployment.js';

/** What a process is started with. */
export interface ProcessTask {
  /** This boot of it, such as `worker-1.3`. */
  readonly name: string;
  readonly role: 'worker' | 'emitter';
  readonly url: string;
  /** Where it writes its history. */
  readonly folder: string;
  readonly deployment: DeploymentName;
  readonly workloads: readonly string[];
  readonly seed: number;
  /** Pieces of work an emitting process does in a second. */
  readonly rate: number;
  readonly poolSize: number;
  /** Milliseconds between two looks of an idle worker. */
  readonly pollInterval: number;
  /** Milliseconds in which runs may end when the process is told to. */
  readonly shutdownGrace: number;
  /** In place of those of production. */
  readonly timings: Partial<SessionSettings>;
}

/** What a process is told while it runs. */
export type ProcessOrder =
  /** Blocks the event loop. */
  | { readonly kind: 'block'; readonly milliseconds: number }
  /** Takes every connection of the pool. */
  | { readonly kind: 'exhaust'; readonly milliseconds: number }
  /** Moves `Date` of the process. */
  | { readonly kind: 'shift'; readonly milliseconds: number }
  /** Emits no more; answered when nothing is on its way. */
  | { readonly kind: 'rest' };

export type ProcessReport = { readonly kind: 'ready' } | { readonly kind: 'resting' };
