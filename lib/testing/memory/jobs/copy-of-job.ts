import { Job } from '../../../jobs/model/job.js';
import type { MemoryJob } from '../database/memory-rows.js';

/** What is handed out is the caller's to change. */
export function copyOfJob({ job }: Pick<MemoryJob, 'job'>): Job {
  const { metadata, result, candidates, tags } = job;
  const copies = {
    metadata: jsonCopy(metadata),
    result: jsonCopy(result),
    candidates: [...candidates],
    tags: [...tags],
  };
  return Object.assign(new Job(), job, copies);
}

/** A value as it is after it was written and read. */
export function jsonCopy<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
