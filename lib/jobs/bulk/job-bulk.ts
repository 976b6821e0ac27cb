import { storableText } from '../../engine/text/storable-text.js';
import { JobNotFoundError } from '../../errors/job-not-found.error.js';
import { checkPrincipal, type Principal } from '../model/principal.js';
import type { Job } from '../model/job.js';
import type { CheckedJobFilter } from '../queries/checked-job-filter.js';
import type { JobFilter } from '../queries/job-filter.interface.js';
import type { JobList, JobReading } from '../queries/job-reading.js';
import { idOf, shownId } from '../verbs/job-changes.js';
import { JobChecks } from '../verbs/job-checks.js';
import type { JobReference } from '../verbs/job-options.interface.js';
import { applyTo, BULK_VERBS, type BulkJobs, optionsOf } from './bulk-operations.js';
import type { BulkFailure, BulkOptions, BulkResult, JobOperation } from './bulk-options.interface.js';

const OPTIONS = [
  'by',
  'note',
  'dryRun',
  'limit',
  'onProgress',
  'signal',
] as const satisfies readonly (keyof BulkOptions)[];
const DEFAULT_LIMIT = 1_000;
const MOST = 10_000;
const MESSAGE_LIMIT = 2_000;

/** Whose verbs are done, and which jobs they find. */
export interface BulkParty {
  readonly jobs: BulkJobs;
  readonly find: (list: JobList) => AsyncIterable<Job>;
}

/** The jobs to deal with; `filter` must still hold of each when its turn comes. */
interface Selected {
  readonly ids: readonly string[];
  readonly filter: CheckedJobFilter | undefined;
  readonly capped: boolean;
}

/** Undoes a transaction whose outcome is known. */
class DryRunEnd extends Error {}

/** Does one thing with many jobs, each in a transaction of its own, so that one that fails keeps no other back. */
export class JobBulk {
  constructor(
    private readonly reading: JobReading,
    private readonly party: BulkParty,
  ) {}

  async run(
    operation: JobOperation,
    selection: readonly JobReference[] | JobFilter,
    options: BulkOptions,
  ): Promise<BulkResult> {
    const checks = new JobChecks('bulk');
    checks.object('', options, OPTIONS);
    checkOperation(checks, operation);
    const { onProgress, signal } = options;
    if (onProgress !== undefined) checks.callable('onProgress', onProgress, 'a function (progress) => void');
    checks.signal(signal);
    const dryRun = checks.boolean('dryRun', options.dryRun ?? false);
    const acting = {
      ...(options.by === undefined ? {} : { by: checkPrincipal('by', options.by) }),
      ...(options.note === undefined ? {} : { note: options.note }),
    };
    const limit = checks.integer('limit', options.limit ?? DEFAULT_LIMIT, { min: 1, max: MOST });
    const { ids, filter, capped } = await this.select(checks, selection, limit);
    const failures: BulkFailure[] = [];
    let [done, changed] = [0, 0];
    for (const id of ids) {
      signal?.throwIfAborted();
      try {
        if (await this.apply(operation, id, filter, acting, dryRun)) changed += 1;
      } catch (error) {
        failures.push({ id, error: error instanceof Error ? error : new Error(storableText(error, MESSAGE_LIMIT)) });
      }
      done += 1;
      await onProgress?.({ done, total: ids.length, changed, failed: failures.length });
    }
    return { done, changed, failures, capped, dryRun };
  }

  private async select(
    checks: JobChecks,
    selection: readonly JobReference[] | JobFilter,
    limit: number,
  ): Promise<Selected> {
    if (isList(selection)) {
      if (selection.length > limit) throw checks.invalid('jobs', `a list of at most ${limit} jobs`, selection);
      const ids = selection.map((reference) => idOf(reference) ?? shownId(reference));
      return { ids: [...new Set(ids)], filter: undefined, capped: false };
    }
    const list = this.reading.list(checks, selection, 'oldest');
    const ids: string[] = [];
    for await (const { id } of this.party.find(list)) {
      if (ids.length === limit) return { ids, filter: list.filter, capped: true };
      ids.push(id);
    }
    return { ids, filter: list.filter, capped: false };
  }

  /** Whether the job was changed. */
  private async apply(
    operation: JobOperation,
    id: string,
    filter: CheckedJobFilter | undefined,
    acting: { readonly by?: Principal; readonly note?: string },
    dryRun: boolean,
  ): Promise<boolean> {
    const { changes, store } = this.reading;
    let changed = false;
    try {
      await changes.ownTransaction(async ({ manager, connection }) => {
        if (idOf(id) === undefined) throw new JobNotFoundError(id);
        await changes.store.lock(connection, [id]);
        if (filter === undefined) await changes.current({ manager, connection }, id);
        // What was done meanwhile may have made it a job that nobody asked to be changed.
        else if ((await store.count(connection, { ids: [id], or: [filter] }, 1)) === 0) return;
        changed = (await applyTo(this.party.jobs, id, operation.verb, operation, { ...acting, manager })).changed > 0;
        if (dryRun) throw new DryRunEnd();
      });
    } catch (error) {
      if (!(error instanceof DryRunEnd)) throw error;
    }
    return changed;
  }
}

function checkOperation(checks: JobChecks, operation: JobOperation): void {
  const given: unknown = operation;
  const verb = typeof given === 'object' && given !== null && 'verb' in given ? given.verb : undefined;
  checks.object('operation', operation, optionsOf(checks.oneOf('operation.verb', verb, BULK_VERBS)));
}

function isList(selection: readonly JobReference[] | JobFilter): selection is readonly JobReference[] {
  return Array.isArray(selection);
}
