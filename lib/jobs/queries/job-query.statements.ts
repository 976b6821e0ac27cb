import type { JobTableNames } from '../schema/job-table-names.js';
import type { BoundValues } from './bound-values.js';
import { conditionsOf, eachText, type JobBranch, lateralOf, statusIs, whereText } from './job-branch.js';

/** Counts jobs, and no more than the bound. */
export function countText(
  names: JobTableNames,
  branches: readonly JobBranch[],
  values: BoundValues,
  limit: number,
): string {
  return `select count(*)::text as count from (${anyText(names, branches, 'j.id', values.bind(limit, 'int4'))}) c`;
}

/** Counts the jobs of each of several owners, in the order of the JSON list in `owners`; `branches` mention them as `a`. */
export function badgesText(
  names: JobTableNames,
  branches: readonly JobBranch[],
  values: BoundValues,
  owners: string,
  limit: number,
): string {
  return `
select (select count(*)::int4 from (${anyText(names, branches, 'j.id', values.bind(limit, 'int4'))}) c) as count
from jsonb_to_recordset(${owners}) as a(ordinal int4, principals text[], tenant text) order by a.ordinal`;
}

/** What of the jobs is counted by value. */
export interface FacetRequest {
  /** Name of each, and its value of the job `j`. */
  readonly facets: readonly (readonly [name: string, sql: string])[];
  /** Jobs looked at. */
  readonly limit: number;
  /** Values of each. */
  readonly values: number;
}

/** Counts some of the jobs by the values they have, most frequent first; a facet without a name counts all of them. */
export function facetsText(
  names: JobTableNames,
  branches: readonly JobBranch[],
  values: BoundValues,
  { facets, limit, values: most }: FacetRequest,
): string {
  const columns = ['j.id', ...facets.map(([name, sql]) => `${sql} as ${name}`)].join(', ');
  const empty = [
    'null::bigint as id',
    ...facets.map(([name]) => `null::text${name === 'tags' ? '[]' : ''} as ${name}`),
  ].join(', ');
  const bound = values.bind(limit, 'int4');
  const counts = facets.map(
    ([name]) => `
(select '${name}' as facet, f.value, count(*)::text as count
 from m, lateral ${name === 'tags' ? 'unnest(m.tags)' : `(select m.${name}::text)`} as f(value)
 group by f.value order by count(*) desc, f.value limit ${values.bind(most, 'int4')})`,
  );
  return `
with m as materialized (${branches.length === 0 ? `select ${empty} where false` : anyText(names, branches, columns, bound)})
select '' as facet, null::text as value, count(*)::text as count from m
union all ${counts.join('\nunion all ')}`;
}

/** Some of the jobs of all branches, at most `bound`, each once. */
function anyText(names: JobTableNames, branches: readonly JobBranch[], columns: string, bound: string): string {
  if (branches.length === 0) return 'select null::bigint as id where false';
  const parts = branches.map((branch) => partText(names, branch, columns, `limit ${bound}`));
  return parts.length === 1 ? parts.join() : `select * from (${parts.join('\nunion\n')}) u limit ${bound}`;
}

function partText(names: JobTableNames, branch: JobBranch, columns: string, end: string): string {
  const lateral = lateralOf(branch);
  const conditions = [
    ...statusIs(branch.statuses),
    ...conditionsOf(branch, lateral),
    ...(lateral === undefined ? [] : [lateral.match]),
  ];
  return eachText(lateral, `select ${columns} from ${names.job} j${whereText(conditions)} ${end}`);
}
