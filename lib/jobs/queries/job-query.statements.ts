import { jobAsText } from '../store/job.statements.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import type { BoundValues } from './bound-values.js';
import { conditionsOf, type JobBranch, statusIs } from './job-branches.js';
import type { JobSortDefinition } from './job-sorts.js';

/** The last job of the page before: the values of its sort's keys, and its id. */
export interface JobPosition {
  readonly keys: readonly string[];
  readonly id: string;
}

/** Which part of the jobs of some branches, in which order. */
export interface PageRequest {
  readonly sort: JobSortDefinition;
  readonly after: JobPosition | undefined;
  readonly limit: number;
}

const NO_ROWS = 'select null::text as job where false';

/**
 * Reads one page as rows of JSON. Each branch is read in the order of its own index and no further than the page; the few rows of all
 * of them are then put into one order.
 */
export function pageText(
  names: JobTableNames,
  branches: readonly JobBranch[],
  values: BoundValues,
  { sort, after, limit }: PageRequest,
): string {
  if (branches.length === 0) return NO_ROWS;
  const { direction, keys } = sort;
  const bound = values.bind(limit, 'int4');
  const columns = keys.map(({ sql }, index) => `${sql} as k${index}`).join(', ');
  const order = [...keys.map(({ sql }) => sql), 'j.id'].map((sql) => `${sql} ${direction}`).join(', ');
  const behind = after === undefined ? [] : [behindText(sort, after, values)];
  const parts = byStatus(branches, sort).map((branch) =>
    partText(names, branch, `j.id, ${columns}`, behind, `order by ${order} limit ${bound}`),
  );
  const outer = [...keys.map((_, index) => `k.k${index}`), 'k.id'].map((sql) => `${sql} ${direction}`).join(', ');
  return `
select (select ${jobAsText('j')} from ${names.job} j where j.id = k.id) as job
from (select * from (${parts.join('\nunion\n')}) k order by ${outer} limit ${bound}) k order by ${outer}`;
}

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
  const parts = branches.map((branch) => partText(names, branch, columns, [], `limit ${bound}`));
  return parts.length === 1 ? parts.join() : `select * from (${parts.join('\nunion\n')}) u limit ${bound}`;
}

function partText(
  names: JobTableNames,
  branch: JobBranch,
  columns: string,
  more: readonly string[],
  end: string,
): string {
  const [lateral] = branch.dimensions;
  const conditions = [...statusIs(branch.statuses), ...conditionsOf(branch, lateral), ...more];
  const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
  const inner = `select ${columns} from ${names.job} j ${where} ${end}`;
  if (lateral === undefined) return `(${inner})`;
  return `(select b.* from ${lateral.source} cross join lateral (${inner}) b)`;
}

/** Each status has its own place in the indexes, but for the order of closing, which those that are closed share. */
function byStatus(branches: readonly JobBranch[], { only }: JobSortDefinition): readonly JobBranch[] {
  if (only !== undefined) return branches;
  return branches.flatMap((branch) => branch.statuses.map((status) => ({ ...branch, statuses: [status] })));
}

function behindText(
  { keys, direction }: JobSortDefinition,
  { keys: texts, id }: JobPosition,
  values: BoundValues,
): string {
  const places = keys.map(({ type }, index) => values.bind(texts[index], type));
  const columns = [...keys.map(({ sql }) => sql), 'j.id'].join(', ');
  return `(${columns}) ${direction === 'asc' ? '>' : '<'} (${[...places, values.bind(id, 'bigint')].join(', ')})`;
}
