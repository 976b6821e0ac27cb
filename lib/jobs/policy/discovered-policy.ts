import type { DiscoveryService } from '@nestjs/core';
import { kindOf } from '../../engine/text/kind-of.js';
import { JobsError } from '../../errors/jobs.error.js';
import { denyAll, JOB_POLICY, type JobPolicy } from './job-policy.js';

/** The application's policy, wherever it is provided; without one nobody may do anything. */
export function policyOf(discovery: DiscoveryService): JobPolicy {
  const provider = discovery.getProviders().find(({ token }) => token === JOB_POLICY);
  if (provider === undefined) return denyAll;
  const policy: unknown = provider.isDependencyTreeStatic() ? provider.instance : undefined;
  if (isPolicy(policy)) return policy;
  throw new JobsError(
    `JOB_POLICY: ${kindOf(policy)} is no policy; provide an object with can(actor, verb, job) that is not request-scoped.`,
  );
}

function isPolicy(value: unknown): value is JobPolicy {
  return typeof value === 'object' && value !== null && 'can' in value && typeof value.can === 'function';
}
