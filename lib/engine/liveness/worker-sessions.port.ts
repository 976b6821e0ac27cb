import type { ResolvedWorkerOptions } from '../../options/resolved-jobs-options.js';
import type { WorkerSession } from './worker-session.js';

/** Makes the session by which a worker claims and proves that it lives. */
export abstract class WorkerSessions {
  abstract create(options: ResolvedWorkerOptions): WorkerSession;
}
