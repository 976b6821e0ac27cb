import type { JobBranches } from './job-branches.js';

/** What jobs can be counted by, and the column that has it; the phase is derived. */
const COLUMNS = {
  type: 'j.type',
  status: 'j.status',
  outcome: 'j.outcome',
  reason: 'j.close_reason',
  assignee: 'j.assignee',
  claimedBy: 'j.claimed_by',
  plan: 'j.plan',
  step: 'j.step',
  priority: 'j.priority',
  tenant: `nullif(j.tenant, '')`,
  targetType: `nullif(j.target_type, '')`,
  tags: 'j.tags',
} as const;

/**
 * What jobs can be counted by.
 *
 * @publicApi
 */
export type JobFacet = keyof typeof COLUMNS | 'phase';

/** Every facet there is. */
export const JOB_FACETS = [...(Object.keys(COLUMNS) as (keyof typeof COLUMNS)[]), 'phase'] as const;

/** One value of a facet, and how many jobs have it. */
export interface FacetRow {
  readonly facet: JobFacet | '';
  readonly value: string | null;
  readonly count: string;
}

/** The value of a facet of the job `j`. */
export function facetSql(facet: JobFacet, branches: JobBranches): string {
  return facet === 'phase' ? `case when j.status = 'pending' then ${branches.phase()} end` : COLUMNS[facet];
}
