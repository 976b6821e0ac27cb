import type { Duration } from '../../options/jobs-module-options.interface.js';
import type { JobChanges } from './job-changes.js';
import { JobChecks } from './job-checks.js';
import { CHANGE_OPTIONS } from './job-option-names.js';
import type { ChangedJobs, ChangeOptions, JobReference } from './job-options.interface.js';

const WAIT_LIMIT = 1_000;
const COMMENT_LIMIT = 10_000;

/**
 * Which tags a job gets and which it loses.
 *
 * @publicApi
 */
export interface TagChange {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/** What may be changed of a pending job without closing it. */
export class JobAttributes {
  constructor(private readonly changes: JobChanges) {}

  async start(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    checked('start', options);
    return this.changes.apply(reference, options, 'start');
  }

  /** Puts a job out of sight until a moment, or for a while. */
  async snooze(reference: JobReference, until: Date | Duration, options: ChangeOptions): Promise<ChangedJobs> {
    const checks = checked('snooze', options);
    const input =
      typeof until === 'object' ? { until: checks.moment('until', until) } : { within: checks.ahead('until', until) };
    return this.changes.apply(reference, options, 'snooze', input);
  }

  /** Notes what a job waits for; while it waits nobody gets it by `claimNext`. */
  async wait(reference: JobReference, on: string, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'wait', { on: checked('wait', options).words('on', on, WAIT_LIMIT) });
  }

  /** Ends a snooze or a wait. */
  async resume(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    checked('resume', options);
    return this.changes.apply(reference, options, 'resume');
  }

  async setDue(reference: JobReference, at: Date | null, options: ChangeOptions): Promise<ChangedJobs> {
    const checks = checked('setDue', options);
    return this.changes.apply(reference, options, 'setDue', { at: at === null ? null : checks.moment('at', at) });
  }

  async setExpiry(reference: JobReference, at: Date | null, options: ChangeOptions): Promise<ChangedJobs> {
    const checks = checked('setExpiry', options);
    return this.changes.apply(reference, options, 'setExpiry', { at: at === null ? null : checks.moment('at', at) });
  }

  async setPriority(reference: JobReference, priority: number, options: ChangeOptions): Promise<ChangedJobs> {
    const checks = checked('setPriority', options);
    return this.changes.apply(reference, options, 'setPriority', { priority: checks.priority(priority) });
  }

  async tag(reference: JobReference, tags: TagChange, options: ChangeOptions): Promise<ChangedJobs> {
    const checks = checked('tag', options);
    checks.object('tags', tags, ['add', 'remove']);
    return this.changes.apply(reference, options, 'tag', {
      add: checks.tags(tags.add, 'tags.add'),
      remove: checks.tags(tags.remove, 'tags.remove'),
    });
  }

  /** Adds a comment to the history. */
  async comment(reference: JobReference, text: string, options: Omit<ChangeOptions, 'note'>): Promise<ChangedJobs> {
    const checks = new JobChecks('comment');
    checks.options(options, ['manager', 'by']);
    return this.changes.apply(reference, { ...options, note: checks.words('text', text, COMMENT_LIMIT) }, 'comment');
  }
}

function checked(verb: string, options: ChangeOptions): JobChecks {
  const checks = new JobChecks(verb);
  checks.options(options, CHANGE_OPTIONS);
  return checks;
}
