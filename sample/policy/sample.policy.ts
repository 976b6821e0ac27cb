import { Injectable } from '@nestjs/common';

import type { JobActor, JobPolicy, JobVerb, PolicyJob } from '../../lib/index.js';
import { isUserJobType } from '../my-jobs/user-job-types.js';

const SUPPORT = 'role:support';

/** What anybody of support may do with the jobs of support, and what only they may who have taken one or were given it. */
const ANY_OF_SUPPORT: readonly JobVerb[] = ['view', 'claim', 'assign', 'comment'];
const WHO_HAS_IT: readonly JobVerb[] = ['release', 'complete', 'cancel'];

/** What somebody may do with a job that is theirs to do; a step of a plan is completed by what happens, not by saying so. */
const OWN: readonly JobVerb[] = ['view', 'comment', 'skip'];
const OWN_AND_WANTED: readonly JobVerb[] = ['complete', 'cancel'];

/** What somebody may do with a job they asked for. */
const ASKED_FOR: readonly JobVerb[] = ['view', 'comment'];

/** What people may do with jobs. Whatever is not said here is refused. */
@Injectable()
export class SamplePolicy implements JobPolicy {
  can(actor: JobActor, verb: JobVerb, job: PolicyJob): boolean {
    if (verb === 'request') return isUserJobType(job.type) && (job.assignee ?? actor.id) === actor.id;
    return asSupport(actor, verb, job) || asOwner(actor, verb, job) || asAsker(actor, verb, job);
  }
}

function asSupport({ id, roles = [] }: JobActor, verb: JobVerb, job: PolicyJob): boolean {
  if (!roles.includes(SUPPORT) || !(job.candidates ?? []).includes(SUPPORT)) return false;
  const hasIt = job.claimedBy === id || job.assignee === id;
  return ANY_OF_SUPPORT.includes(verb) || (hasIt && WHO_HAS_IT.includes(verb));
}

function asOwner({ id }: JobActor, verb: JobVerb, { assignee, createdBy }: PolicyJob): boolean {
  if (assignee !== id) return false;
  return OWN.includes(verb) || (createdBy === id && OWN_AND_WANTED.includes(verb));
}

function asAsker({ id }: JobActor, verb: JobVerb, { createdBy }: PolicyJob): boolean {
  return createdBy === id && ASKED_FOR.includes(verb);
}
