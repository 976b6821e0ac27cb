import { Injectable } from '@nestjs/common';

import type { JobActor, JobPolicy, JobVerb, PolicyJob } from '../../lib/index.js';

const CHASE = 'orders.chase-payment';
const ANY_OF_SUPPORT: readonly JobVerb[] = ['view', 'claim', 'comment'];
const WHO_HAS_IT: readonly JobVerb[] = ['release', 'cancel'];

/** What people may do with jobs: support sees and takes chases, and gives up those they have taken. Nobody else does anything. */
@Injectable()
export class SupportPolicy implements JobPolicy {
  can({ id, roles = [] }: JobActor, verb: JobVerb, { type, claimedBy }: PolicyJob): boolean {
    if (type !== CHASE || !roles.includes('role:support')) return false;
    return ANY_OF_SUPPORT.includes(verb) || (WHO_HAS_IT.includes(verb) && claimedBy === id);
  }
}
