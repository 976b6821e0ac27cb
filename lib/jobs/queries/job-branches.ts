import type { JobStatus } from '../model/job.js';
import {
  DUE_ORDER,
  FREE,
  FURTHER_CANDIDATES,
  HAS_FURTHER_CANDIDATES,
  ORDERED_CANDIDATES,
} from '../schema/job-indexes.js';
import type { BoundValues } from './bound-values.js';
import { type CheckedJobFilter, type CheckedSpan, statusesOf } from './checked-job-filter.js';
import {
  ALL_STATUSES,
  anyOf,
  ASSIGNEE,
  candidateAt,
  CLAIMER,
  type JobBranch,
  type JobDimension,
  type OrderedDimension,
  product,
} from './job-branch.js';

/** Whose jobs, as SQL. */
export interface OwnerSource {
  /** List of texts. */
  readonly principals: string;
  /** What must hold of the tenant. */
  readonly tenant: string;
}

const PENDING: readonly JobStatus[] = ['pending'];
const MOST_BRANCHES = 24;

/** Turns filters into conditions on the job `j`. */
export class JobBranches {
  /** @param clock the database's time, as SQL. */
  constructor(
    private readonly values: BoundValues,
    private readonly clock: string,
  ) {}

  /**
   * The ways to meet a filter; a job may meet several.
   *
   * @param owner whose jobs they must be too.
   */
  of(filter: CheckedJobFilter, owner?: OwnerSource): readonly JobBranch[] {
    let branches: readonly JobBranch[] = [this.base(filter)];
    if (owner !== undefined) branches = product(branches, this.mine(owner));
    if (filter.mine !== undefined) {
      const { principals, tenant } = filter.mine;
      branches = product(branches, this.mine(principalsIn(this.values, principals, tenant)));
    }
    if (filter.or !== undefined) {
      const groups = filter.or.flatMap((group) => this.of(group));
      branches =
        branches.length * groups.length <= MOST_BRANCHES
          ? product(branches, groups)
          : product(branches, [{ statuses: ALL_STATUSES, conditions: [anyOf(groups)], dimensions: [] }]);
    }
    return branches.filter(({ statuses }) => statuses.length > 0);
  }

  /** The ways for a job to be somebody's: assigned to them, claimed by them, or free for them to claim. */
  private mine({ principals, tenant }: OwnerSource): readonly JobBranch[] {
    const source = `unnest(${principals}) as s(principal)`;
    const dimension = (ordered: Omit<OrderedDimension, 'value'>): JobDimension => ({
      source,
      match: `${ordered.column} = s.principal`,
      ordered: { ...ordered, value: 's.principal' },
    });
    const positions = Array.from({ length: ORDERED_CANDIDATES }, (_, index) => index + 1);
    return [
      { statuses: ALL_STATUSES, conditions: [tenant], dimensions: [dimension(ASSIGNEE)] },
      { statuses: ALL_STATUSES, conditions: [tenant], dimensions: [dimension(CLAIMER)] },
      ...positions.map((position) => ({
        statuses: PENDING,
        conditions: [tenant, FREE('j.')],
        dimensions: [dimension(candidateAt(position))],
      })),
      {
        statuses: PENDING,
        conditions: [tenant, FREE('j.'), HAS_FURTHER_CANDIDATES('j.'), `${FURTHER_CANDIDATES('j.')} && ${principals}`],
        dimensions: [],
      },
    ];
  }

  private base(filter: CheckedJobFilter): JobBranch {
    const { assignee, claimedBy, types, target } = filter;
    const conditions = [...this.terms(filter), ...this.times(filter), ...this.metadata(filter)];
    const dimensions: JobDimension[] = [];
    if (target !== undefined) {
      const names = this.values.bind(
        target.map(({ type }) => type),
        'text[]',
      );
      const ids = this.values.bind(
        target.map(({ id }) => id),
        'text[]',
      );
      dimensions.push({
        source: `unnest(${names}, ${ids}) as s(type, id)`,
        match: 'j.target_type = s.type and j.target_id = s.id',
      });
    }
    for (const [ordered, list] of [
      [ASSIGNEE, assignee],
      [CLAIMER, claimedBy],
    ] as const) {
      if (list !== undefined) dimensions.push(this.oneOf(ordered, list));
    }
    if (types?.length === 1) conditions.push(`j.type = ${this.values.bind(types[0], 'text')}`);
    else if (types !== undefined) {
      const source = `unnest(${this.values.bind(types, 'text[]')}) as s(value)`;
      dimensions.push({ source, match: 'j.type = s.value' });
    }
    return { statuses: statusesOf(filter), conditions, dimensions };
  }

  private oneOf(ordered: Omit<OrderedDimension, 'value'>, list: readonly string[]): JobDimension {
    const { column } = ordered;
    return {
      source: `unnest(${this.values.bind(list, 'text[]')}) as s(value)`,
      match: `${column} = s.value`,
      ordered: { ...ordered, value: 's.value' },
      ...(list.length === 1 ? { alone: `${column} = ${this.values.bind(list[0], 'text')}` } : {}),
    };
  }

  private terms(filter: CheckedJobFilter): string[] {
    const { ids, phase, outcome, reason, candidate, unassigned, occurrences, priority, plan, step, tags, tenant } =
      filter;
    const terms: string[] = [];
    const any = (sql: string, list: readonly unknown[] | undefined, type: string): void => {
      if (list === undefined) return;
      const isOne = list.length === 1;
      terms.push(
        isOne ? `${sql} = ${this.values.bind(list[0], type)}` : `${sql} = any (${this.values.bind(list, `${type}[]`)})`,
      );
    };
    if (ids !== undefined) terms.push(`j.id = any (${this.values.bind(ids, 'bigint[]')})`);
    any(this.phase(), phase, 'text');
    any('j.outcome', outcome, 'text');
    any('j.close_reason', reason, 'text');
    any('j.plan', plan, 'text');
    any('j.step', step, 'int4');
    if (candidate !== undefined) terms.push(`j.candidates && ${this.values.bind(candidate, 'text[]')}`);
    if (unassigned !== undefined) terms.push(`j.assignee is ${unassigned ? '' : 'not '}null`);
    if (occurrences !== undefined) terms.push(`j.request_count >= ${this.values.bind(occurrences, 'int4')}`);
    if (priority !== undefined) terms.push(`j.priority >= ${this.values.bind(priority, 'int2')}`);
    if (tags !== undefined) terms.push(`j.tags @> ${this.values.bind(tags, 'text[]')} and j.tags <> '{}'`);
    if (tenant !== undefined) terms.push(`j.tenant = ${this.values.bind(tenant, 'text')} and j.tenant <> ''`);
    return terms;
  }

  private times(filter: CheckedJobFilter): string[] {
    const { overdue, dueWithin, stalled, olderThan, created, updated, closed, due } = filter;
    const order = DUE_ORDER('j.');
    const ago = (milliseconds: number): string => this.moved('-', milliseconds);
    return [
      ...(overdue === true ? [`${order} <= ${this.clock}`] : []),
      ...(overdue === false ? [`${order} > ${this.clock}`] : []),
      ...(dueWithin === undefined ? [] : [`${order} > ${this.clock} and ${order} <= ${this.moved('+', dueWithin)}`]),
      ...(stalled === undefined ? [] : [`j.updated_at <= ${ago(stalled)}`]),
      ...(olderThan === undefined ? [] : [`j.created_at <= ${ago(olderThan)}`]),
      ...this.span('j.created_at', created),
      ...this.span('j.updated_at', updated),
      ...this.span('j.closed_at', closed),
      ...(due === undefined ? [] : ['j.due_at is not null', ...this.span(order, due)]),
    ];
  }

  private metadata({ metadata = [] }: CheckedJobFilter): string[] {
    return metadata.map(({ path, equals, exists }) => {
      const value = `j.metadata #>> ${this.values.bind(path, 'text[]')}`;
      if (equals !== undefined) return `${value} = any (${this.values.bind(equals, 'text[]')})`;
      return `(${value}) is ${exists === true ? 'not ' : ''}null`;
    });
  }

  private span(sql: string, span: CheckedSpan | undefined): string[] {
    if (span === undefined) return [];
    return [
      ...(span.from === undefined ? [] : [`${sql} >= ${this.values.bind(span.from, 'timestamptz')}`]),
      ...(span.before === undefined ? [] : [`${sql} < ${this.values.bind(span.before, 'timestamptz')}`]),
    ];
  }

  private moved(sign: '+' | '-', milliseconds: number): string {
    return `(${this.clock} ${sign} ${this.values.bind(milliseconds, 'float8')} * interval '1 millisecond')`;
  }

  /** The phase of a job that is pending. */
  phase(): string {
    return `case when j.snoozed_until > ${this.clock} then 'snoozed' when j.waiting_on is not null then 'waiting'
      when j.started_at is not null then 'started'
      when j.claimed_by is not null and (j.claim_expires_at is null or j.claim_expires_at > ${this.clock}) then 'claimed' else 'open' end`;
  }
}

/** Whose jobs, as bound values. */
export function principalsIn(values: BoundValues, principals: readonly string[], tenant: string | null): OwnerSource {
  return {
    principals: values.bind(principals, 'text[]'),
    tenant: tenant === null ? 'true' : `j.tenant = ${values.bind(tenant, 'text')}`,
  };
}
