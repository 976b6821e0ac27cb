import type { JobTableNames } from '../schema/job-table-names.js';
import { jobAsText } from '../store/job.statements.js';
import type { BoundValues } from './bound-values.js';
import {
  conditionsOf,
  eachText,
  type JobBranch,
  lateralOf,
  type OrderedDimension,
  statusIs,
  whereText,
} from './job-branch.js';
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

/** Columns and what they are to be, or to be behind. */
interface Bound {
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

/** What an index begins with; `given` is what must be there for a job to be in it. */
interface Theirs extends Bound {
  readonly given: readonly string[];
}

const NO_ROWS = 'select null::text as job where false';
const NOTHING: Theirs = { columns: [], values: [], given: [] };

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
  const columns = ['j.id', ...keys.map(({ sql }, index) => `${sql} as k${index}`)].join(', ');
  const place = after === undefined ? undefined : placeOf(sort, after, values);
  const parts = byStatus(branches, sort).map((branch) => {
    const lateral = lateralOf(branch, sort.order);
    const theirs = theirsOf(branch, lateral?.ordered, sort);
    const conditions = [
      ...statusIs(branch.statuses),
      ...conditionsOf(branch, lateral),
      ...(lateral === undefined || theirs !== NOTHING ? [] : [lateral.match]),
      ...withinText(theirs, place, sort),
    ];
    const order = [...theirs.columns, ...keys.map(({ sql }) => sql), 'j.id'].map((sql) => `${sql} ${direction}`);
    return eachText(
      lateral,
      `select ${columns} from ${names.job} j${whereText(conditions)} order by ${order.join(', ')} limit ${bound}`,
    );
  });
  const outer = [...keys.map((_, index) => `k.k${index}`), 'k.id'].map((sql) => `${sql} ${direction}`).join(', ');
  return `
select (select ${jobAsText('j')} from ${names.job} j where j.id = k.id) as job
from (select * from (${parts.join('\nunion\n')}) k order by ${outer} limit ${bound}) k order by ${outer}`;
}

/** Each status has its own place in the indexes, but for the order of closing, which those that are closed share. */
function byStatus(branches: readonly JobBranch[], { only }: JobSortDefinition): readonly JobBranch[] {
  if (only !== undefined) return branches;
  return branches.flatMap((branch) => branch.statuses.map((status) => ({ ...branch, statuses: [status] })));
}

function placeOf({ keys }: JobSortDefinition, { keys: texts, id }: JobPosition, values: BoundValues): Bound {
  return {
    columns: [...keys.map(({ sql }) => sql), 'j.id'],
    values: [...keys.map(({ type }, index) => values.bind(texts[index], type)), values.bind(id, 'bigint')],
  };
}

/** What an index has in front of the order's own columns, where one has the jobs of each value in that order. */
function theirsOf(
  { statuses: [status, other] }: JobBranch,
  ordered: OrderedDimension | undefined,
  { order }: JobSortDefinition,
): Theirs {
  const keys = ordered?.keys[order];
  if (ordered === undefined || keys === undefined) return NOTHING;
  const { column, value } = ordered;
  if (!keys.byStatus) return { columns: [keys.first], values: [value], given: [column] };
  return status === undefined || other !== undefined
    ? NOTHING
    : { columns: [keys.first, 'j.status'], values: [value, `'${status}'`], given: [column] };
}

/**
 * The jobs of `theirs` behind a place, as a range of the index. Said with `=`, PostgreSQL would expect of anybody as many jobs as is
 * usual, find and sort all of them, and do so with those of the busiest, too. Of a range of rows it expects enough to read it in order.
 */
function withinText(
  theirs: Theirs,
  place: Bound | undefined,
  { direction, keys: [key] }: JobSortDefinition,
): readonly string[] {
  const [behind, upTo] = direction === 'asc' ? ['>', '<='] : ['<', '>='];
  if (theirs === NOTHING || key === undefined) return place === undefined ? [] : [compared(place, behind)];
  const [first, last] = direction === 'asc' ? key.ends : [key.ends[1], key.ends[0]];
  const end = (value: string): Bound => joined(theirs, { columns: [key.sql], values: [`'${value}'::${key.type}`] });
  return [
    ...theirs.given.map((column) => `${column} is not null`),
    compared(end(last), upTo),
    place === undefined ? compared(end(first), `${behind}=`) : compared(joined(theirs, place), behind),
  ];
}

function joined(one: Bound, other: Bound): Bound {
  return { columns: [...one.columns, ...other.columns], values: [...one.values, ...other.values] };
}

function compared({ columns, values }: Bound, operator: string): string {
  return `(${columns.join(', ')}) ${operator} (${values.join(', ')})`;
}
