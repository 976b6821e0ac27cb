import type { EntityManager } from 'typeorm';
import type { Principal } from '../model/principal.js';
import type { ActorJobs } from '../policy/actor-jobs.js';
import type { ChangedJobs } from '../verbs/job-options.interface.js';
import type { JobOperation } from './bulk-options.interface.js';

/** What does the verbs: an actor's jobs, or the application's. */
export type BulkJobs = Pick<
  ActorJobs,
  | 'complete'
  | 'cancel'
  | 'skip'
  | 'decline'
  | 'reopen'
  | 'claim'
  | 'release'
  | 'assign'
  | 'unassign'
  | 'transfer'
  | 'start'
  | 'snooze'
  | 'wait'
  | 'resume'
  | 'setDue'
  | 'setExpiry'
  | 'setPriority'
  | 'tag'
  | 'comment'
>;

/** What each verb is given beside what the operation says. */
export interface BulkActing {
  readonly manager: EntityManager;
  readonly by?: Principal;
  readonly note?: string;
}

type Verb = JobOperation['verb'];

interface BulkVerb<Operation extends JobOperation> {
  /** What the operation may say beside the verb. */
  readonly takes: readonly Exclude<keyof Operation & string, 'verb'>[];
  readonly apply: (jobs: BulkJobs, id: string, operation: Operation, acting: BulkActing) => Promise<ChangedJobs>;
}

type Operations = { readonly [Name in Verb]: BulkVerb<Extract<JobOperation, { readonly verb: Name }>> };

/** Every verb that can be done with many jobs. */
const OPERATIONS: Operations = {
  complete: {
    takes: ['outcome', 'result', 'metadata'],
    apply: (jobs, id, { verb: _, ...completion }, acting) => jobs.complete(id, { ...completion, ...acting }),
  },
  cancel: { takes: [], apply: (jobs, id, _, acting) => jobs.cancel(id, acting) },
  skip: { takes: [], apply: (jobs, id, _, acting) => jobs.skip(id, acting) },
  decline: { takes: [], apply: (jobs, id, _, acting) => jobs.decline(id, acting) },
  reopen: { takes: [], apply: (jobs, id, _, acting) => jobs.reopen(id, acting) },
  claim: {
    takes: ['lapsesIn'],
    apply: (jobs, id, { lapsesIn }, acting) =>
      jobs.claim(id, { ...acting, ...(lapsesIn === undefined ? {} : { lapsesIn }) }),
  },
  release: { takes: [], apply: (jobs, id, _, acting) => jobs.release(id, acting) },
  assign: { takes: ['assignee'], apply: (jobs, id, { assignee }, acting) => jobs.assign(id, assignee, acting) },
  unassign: { takes: [], apply: (jobs, id, _, acting) => jobs.unassign(id, acting) },
  transfer: {
    takes: ['candidates'],
    apply: (jobs, id, { candidates }, acting) => jobs.transfer(id, candidates, acting),
  },
  start: { takes: [], apply: (jobs, id, _, acting) => jobs.start(id, acting) },
  snooze: { takes: ['until'], apply: (jobs, id, { until }, acting) => jobs.snooze(id, until, acting) },
  wait: { takes: ['on'], apply: (jobs, id, { on }, acting) => jobs.wait(id, on, acting) },
  resume: { takes: [], apply: (jobs, id, _, acting) => jobs.resume(id, acting) },
  setDue: { takes: ['at'], apply: (jobs, id, { at }, acting) => jobs.setDue(id, at, acting) },
  setExpiry: { takes: ['at'], apply: (jobs, id, { at }, acting) => jobs.setExpiry(id, at, acting) },
  setPriority: {
    takes: ['priority'],
    apply: (jobs, id, { priority }, acting) => jobs.setPriority(id, priority, acting),
  },
  tag: { takes: ['add', 'remove'], apply: (jobs, id, { verb: _, ...tags }, acting) => jobs.tag(id, tags, acting) },
  // A comment is a note already.
  comment: { takes: ['text'], apply: (jobs, id, { text }, { note: _, ...acting }) => jobs.comment(id, text, acting) },
};

/** Names of the verbs. */
export const BULK_VERBS = Object.keys(OPERATIONS) as readonly Verb[];

/** What an operation of a verb may say. */
export function optionsOf(verb: Verb): readonly string[] {
  return ['verb', ...OPERATIONS[verb].takes];
}

/** Does an operation of a verb with one job. */
export function applyTo<Name extends Verb>(
  jobs: BulkJobs,
  id: string,
  verb: Name,
  operation: Extract<JobOperation, { readonly verb: Name }>,
  acting: BulkActing,
): Promise<ChangedJobs> {
  return OPERATIONS[verb].apply(jobs, id, operation, acting);
}
