import { type Statement, statement } from '../../engine/database/statement.js';
import type { JobTableNames } from '../schema/job-table-names.js';
import { type JobTransition, jobTransitions, type JobTransitionName, repeatedSet } from './job-transitions.js';

/** How many jobs one statement of a sweep takes. */
export const SWEEP_BATCH = 500;

/** A job as the statements below answer with it: as JSON text, which no type parser of the application's can change. */
export interface JobRowText {
  readonly job: string;
}

/** What a request was answered with. */
export interface RequestedRow extends JobRowText {
  readonly created: boolean;
  /** JSON of the completion that was remembered for it; null without one. */
  readonly remembered: string | null;
}

/** A job as JSON text, times with all their microseconds. */
export const jobAsText = (alias: string): string =>
  `((to_jsonb(${alias}) - 'uniqueness' - 'position') || jsonb_build_object('id', ${alias}.id::text))::text`;

/** Which jobs a statement is about: those of the ids in `$1`, or those of tenant, type, target and, unless null, key in `$1`. */
export type JobSelection = 'byId' | 'byTarget';

const SELECTIONS: Readonly<Record<JobSelection, string>> = {
  byId: 'j.id = any ($1::bigint[])',
  byTarget: `j.tenant = ($1::text[])[1] and j.type = ($1::text[])[2] and j.target_type = ($1::text[])[3] and j.target_id = ($1::text[])[4]
    and (($1::text[])[5] is null or j.key = ($1::text[])[5]) and (p.input ->> 'requestedBefore' is null or j.position < (p.input ->> 'requestedBefore')::bigint)`,
};

const PARAMETERS = `select $2::text as actor, $3::jsonb as input, now() + $4::float8 * interval '1 millisecond' as clock, $5::text as note`;

/** Changes the selected jobs that meet the transition's guard, and writes their history. */
export function transitionStatement(names: JobTableNames, name: JobTransitionName, selection: JobSelection): Statement {
  return changeStatement(
    names,
    `job_${name}_${selection}`,
    jobTransitions[name],
    `${SELECTIONS[selection]} and {guard} order by j.id`,
    '',
  );
}

/** The same for whichever jobs meet the guard, in batches; of several processes each takes others. */
export function sweepStatement(names: JobTableNames, name: JobTransitionName, order: string): Statement {
  const selection = `$1::text[] is not null and (${sweptGuard(name)}) order by j.${order} limit ${SWEEP_BATCH}`;
  return changeStatement(names, `job_sweep_${name}`, jobTransitions[name], selection, 'skip locked', `${names.job} j`);
}

/** Which sweeps would find a job: for each a look as its statement takes it, but no further than the first. */
export function sweepsDueStatement(
  names: JobTableNames,
  orders: Readonly<Partial<Record<JobTransitionName, string>>>,
): Statement {
  const looks = (Object.keys(orders) as JobTransitionName[]).map(
    (name) => `
  (select '${name}' from ${names.job} j where ${sweptGuard(name)} order by j.${orders[name]} limit 1)`,
  );
  return statement(
    'job_sweeps_due',
    `
with p as materialized (select now() + $1::float8 * interval '1 millisecond' as clock)
select to_json(array_remove(array[${looks.join(',')}]::text[], null))::text as due`,
  );
}

/** A clock that is joined would hide from the planner that the index has the order already, and each batch would sort all that is left. */
function sweptGuard(name: JobTransitionName): string {
  return jobTransitions[name].guard.replaceAll('p.clock', '(select p.clock from p)');
}

function changeStatement(
  names: JobTableNames,
  purpose: string,
  transition: JobTransition,
  selection: string,
  locking: string,
  source = `${names.job} j, p`,
): Statement {
  const recorded = (alias: string): string =>
    `jsonb_build_object(${transition.recorded.flatMap((column) => [`'${column}'`, `${alias}.${column}`]).join(', ')})`;
  return statement(
    purpose,
    `
with p as materialized (${PARAMETERS}
), before as materialized (
  select ${['id', ...transition.recorded].map((column) => `j.${column}`).join(', ')} from ${source} where ${selection.replace('{guard}', `(${transition.guard})`)} for no key update of j ${locking}
), after as (
  update ${names.job} j set ${transition.set}, updated_at = greatest(p.clock, j.updated_at), version = j.version + 1
  from before b, p where j.id = b.id
  returning j.*
), history as (
  insert into ${names.history} (job_id, action, actor, at, before, after, note)
  select a.id, '${transition.action}', p.actor, p.clock, ${recorded('b')}, ${recorded('a')}, p.note
  from after a join before b on b.id = a.id, p
)
select ${jobAsText('a')} as job from after a order by a.id`,
  );
}

const REQUESTED = `type text, "typeVersion" smallint, "targetType" text, "targetId" text, key text, tenant text, assignee text, candidates text[],
    priority smallint, plan text, step int, metadata jsonb, tags text[], "dueIn" float8, "dueAt" timestamptz, "expiresIn" float8,
    "expiresAt" timestamptz, uniqueness text, "onRepeat" text`;

/**
 * Requests a job once: while one of the same tenant, type, target and key is open, a repeat counts on it instead.
 *
 * @param uniqueness which repeats count: while one is open, ever, or none.
 */
export function requestStatement(names: JobTableNames, uniqueness: 'open' | 'ever' | 'none'): Statement {
  const key = '(tenant, type, target_type, target_id, key)';
  const conflict = {
    none: '',
    open: `on conflict ${key} where status = 'pending' and uniqueness <> 'none' do update set ${repeated()}`,
    ever: `on conflict ${key} where uniqueness = 'ever' do update set ${repeated()}`,
  }[uniqueness];
  return statement(
    `job_request_${uniqueness}`,
    `
with p as materialized (
  select $1::text as actor, $4::text as note, r.*, now() + $3::float8 * interval '1 millisecond' as clock
  from jsonb_to_record($2::jsonb) as r(${REQUESTED})
), requested as (
  insert into ${names.job} as j (type, type_version, target_type, target_id, key, tenant, assignee, candidates, priority, plan, step, metadata, tags,
    created_by, due_at, expires_at, uniqueness, position, created_at, updated_at, last_requested_at)
  select type, "typeVersion", "targetType", "targetId", key, tenant, assignee, candidates, priority, plan, step, metadata, tags, actor,
    coalesce("dueAt", clock + "dueIn" * interval '1 millisecond'), coalesce("expiresAt", clock + "expiresIn" * interval '1 millisecond'),
    uniqueness, nextval('${names.positions.replaceAll("'", "''")}'::regclass), clock, clock, clock
  from p
  ${conflict}
  returning j.*, (xmax = 0) as created
), history as (
  insert into ${names.history} (job_id, action, actor, at, before, after, note)
  select id, case when created then 'requested' else 'repeated' end, p.actor, p.clock,
    case when not created then jsonb_build_object('request_count', request_count - 1) end,
    case when created then jsonb_build_object('status', status, 'assignee', r.assignee)
      else jsonb_build_object('request_count', request_count, 'due_at', due_at, 'expires_at', expires_at) end, p.note
  from requested r, p
), recalled as (
  delete from ${names.remembered} m using requested r
  where r.created and m.tenant = r.tenant and m.type = r.type and m.target_type = r.target_type and m.target_id = r.target_id and m.key in ('', r.key)
  returning m.*
)
select ((to_jsonb(r) - 'uniqueness' - 'position' - 'created') || jsonb_build_object('id', r.id::text))::text as job, created,
  (select jsonb_build_object('reason', m.reason, 'outcome', m.outcome, 'result', m.result, 'metadata', m.metadata, 'actor', m.actor,
      'eventId', m.event_id::text)::text
    from recalled m, p where m.until > p.clock order by m.key desc limit 1) as remembered
from requested r`,
  );
}

/** Finds the job of a tenant, type, target and key that is open, or else the latest that ever was. */
export function findEverStatement(names: JobTableNames): Statement {
  return statement(
    'job_find_ever',
    `select ${jobAsText('j')} as job from ${names.job} j
where j.tenant = $1 and j.type = $2 and j.target_type = $3 and j.target_id = $4 and j.key = $5
order by j.status = 'pending' desc, j.id desc limit 1`,
  );
}

/** Locks a job against changes; rows that refer to it may still be written. */
export function lockStatement(names: JobTableNames): Statement {
  return statement('job_lock', `select from ${names.job} where id = any ($1::bigint[]) order by id for no key update`);
}

/** Locks a job against changes unless it is locked already; no row when it is. */
export function tryLockStatement(names: JobTableNames): Statement {
  return statement(
    'job_try_lock',
    `select from ${names.job} where id = $1::bigint and status = 'pending' for no key update skip locked`,
  );
}

/** Reads jobs by id. */
export function findByIdStatement(names: JobTableNames): Statement {
  return statement(
    'job_find_by_id',
    `select ${jobAsText('j')} as job from ${names.job} j where j.id = any ($1::bigint[]) order by j.id`,
  );
}

/** Reads the pending jobs of a tenant, type and target, and of a key unless it is null. */
export function findPendingStatement(names: JobTableNames): Statement {
  return statement(
    'job_find_pending',
    `select ${jobAsText('j')} as job from ${names.job} j
where j.status = 'pending' and j.tenant = $1 and j.type = $2 and j.target_type = $3 and j.target_id = $4 and ($5::text is null or j.key = $5)
order by j.id`,
  );
}

/**
 * Makes requests and completions of one target take turns until their transactions end. Without it a completion that finds no job and
 * a request that finds no completion could pass each other unseen.
 */
export function takeTurnsStatement(): Statement {
  return statement('job_take_turns', `select pg_advisory_xact_lock(${TURN})`);
}

/** The same without waiting. */
export function tryTurnStatement(): Statement {
  return statement('job_try_turn', `select pg_try_advisory_xact_lock(${TURN}) as taken`);
}

const TURN = `('x' || left(md5($1), 16))::bit(64)::bigint`;

/** Remembers that a job was done before it was requested; with an empty key, whatever the key of the request. */
export function rememberStatement(names: JobTableNames): Statement {
  return statement(
    'job_remember',
    `insert into ${names.remembered} as r (tenant, type, target_type, target_id, key, reason, event_id, outcome, result, metadata, actor, until)
select $1, $2, $3, $4, $5, m.reason, m."eventId", m.outcome, m.result, m.metadata, m.actor, now() + $7::float8 * interval '1 millisecond'
from jsonb_to_record($6::jsonb) as m(reason text, "eventId" bigint, outcome text, result jsonb, metadata jsonb, actor text)
on conflict (tenant, type, target_type, target_id, key) do update
set reason = excluded.reason, event_id = excluded.event_id, outcome = excluded.outcome, result = excluded.result, metadata = excluded.metadata,
  actor = excluded.actor, until = greatest(r.until, excluded.until)`,
  );
}

/** Drops what is remembered of a subject: somebody says that it is still to be done. */
export function unrememberStatement(names: JobTableNames): Statement {
  return statement(
    'job_unremember',
    `delete from ${names.remembered} where tenant = $1 and type = $2 and target_type = $3 and target_id = $4 and key in ('', $5)`,
  );
}

/** One page of a job's history, or of the comments in it. */
export function historyStatement(
  names: JobTableNames,
  what: 'history' | 'comments',
  order: 'oldest' | 'newest',
): Statement {
  const comments = what === 'comments' ? `and h.action = 'commented'` : '';
  const [sign, direction, beginning] = order === 'oldest' ? ['>', 'asc', 0] : ['<', 'desc', '9223372036854775807'];
  return statement(
    `job_${what}_${order}`,
    `select ((to_jsonb(h) - 'job_id') || jsonb_build_object('id', h.id::text, 'jobId', h.job_id::text))::text as entry from ${names.history} h
where h.job_id = $1::bigint and h.id ${sign} coalesce($2::bigint, ${beginning}) ${comments} order by h.id ${direction} limit $3`,
  );
}

/** Forgets what was remembered for too long. */
export function forgetStatement(names: JobTableNames): Statement {
  return statement(
    'job_forget',
    `delete from ${names.remembered} where until <= now() + $1::float8 * interval '1 millisecond'`,
  );
}

function repeated(): string {
  const set = repeatedSet({
    onRepeat: '(select p."onRepeat" from p)',
    metadata: 'excluded.metadata',
    clock: 'excluded.last_requested_at',
    dueAt: 'excluded.due_at',
    expiresAt: 'excluded.expires_at',
  });
  return `${set}, updated_at = greatest(excluded.updated_at, j.updated_at), version = j.version + 1`;
}
