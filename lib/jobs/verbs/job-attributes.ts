import { JobsError } from '../../errors/jobs.error.js';
import { checkTags } from '../../events/payload/check-labels.js';
import { OptionChecks } from '../../options/option-checks.js';
import type { Duration } from '../../options/jobs-module-options.interface.js';
import { type JobChanges, noteOf } from './job-changes.js';
import type { ChangedJobs, ChangeOptions, JobReference } from './job-options.interface.js';
import { isoOf } from './job-requests.js';

const WAIT_LIMIT = 1_000;
const PRIORITY = { min: -100, max: 100 } as const;

/** What may be changed of a pending job without closing it. */
export class JobAttributes {
  private readonly checks = new OptionChecks('job');

  constructor(private readonly changes: JobChanges) {}

  async start(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'start');
  }

  /** Puts a job out of sight until a moment, or for a while. */
  async snooze(reference: JobReference, until: Date | Duration, options: ChangeOptions): Promise<ChangedJobs> {
    const input =
      until instanceof Date
        ? { until: isoOf(this.checks, 'until', until) }
        : { within: this.checks.duration('until', until) };
    return this.changes.apply(reference, options, 'snooze', input);
  }

  /** Notes what a job waits for; while it waits nobody gets it by `claimNext`. */
  async wait(reference: JobReference, on: string, options: ChangeOptions): Promise<ChangedJobs> {
    if (typeof on !== 'string' || on === '' || on.length > WAIT_LIMIT) {
      throw new JobsError(`on: say in 1 to ${WAIT_LIMIT} characters what the job waits for.`);
    }
    return this.changes.apply(reference, options, 'wait', { on });
  }

  /** Ends a snooze or a wait. */
  async resume(reference: JobReference, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'resume');
  }

  async setDue(reference: JobReference, at: Date | null, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'setDue', { at: at === null ? null : isoOf(this.checks, 'at', at) });
  }

  async setExpiry(reference: JobReference, at: Date | null, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'setExpiry', {
      at: at === null ? null : isoOf(this.checks, 'at', at),
    });
  }

  async setPriority(reference: JobReference, priority: number, options: ChangeOptions): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'setPriority', {
      priority: this.checks.integer('priority', priority, PRIORITY),
    });
  }

  async tag(
    reference: JobReference,
    tags: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
    options: ChangeOptions,
  ): Promise<ChangedJobs> {
    return this.changes.apply(reference, options, 'tag', {
      add: checkTags(tags.add) ?? [],
      remove: checkTags(tags.remove) ?? [],
    });
  }

  /** Adds a comment to the history. */
  async comment(reference: JobReference, text: string, options: Omit<ChangeOptions, 'note'>): Promise<ChangedJobs> {
    if (typeof text !== 'string' || text.trim() === '')
      throw new JobsError('comment: must be a text that says something.');
    const noted = { ...options, note: text };
    noteOf(noted);
    return this.changes.apply(reference, noted, 'comment');
  }
}
