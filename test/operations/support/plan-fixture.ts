import { Injectable } from '@nestjs/common';
import { postgresPool } from '../../../lib/engine/database/postgres-driver.js';
import { OnReliableEvent } from '../../../lib/index.js';
import type { PlanNode } from '../../support/measured-plan.js';
import { OperatedApplication } from './operated-application.js';

@Injectable()
class Receivers {
  @OnReliableEvent('order.*', { id: 'first' })
  first(): void {
    // never called
  }

  @OnReliableEvent('*', { id: 'second' })
  second(): void {
    // never called
  }
}

/** How much there is to look through. */
export interface Amounts {
  readonly events: number;
  readonly deliveries: number;
  readonly deadLetters: number;
  readonly audit: number;
}

/** A statement as it was run. */
export interface RunStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What a plan does that must not be done to a large table. */
export interface JudgedPlan {
  readonly faults: readonly string[];
  readonly buffers: number;
}

/** A list or count, and what it is asked for. */
export interface Query {
  readonly name: string;
  run(app: OperatedApplication): Promise<unknown>;
}

const LARGE = ['jobs_event', 'jobs_delivery', 'jobs_dead_letter', 'jobs_audit'];
/** Rows that may be sorted: as many as are looked at in all. */
const SORTED = 10_001;

const OF_EVENTS = {
  'all of them': {},
  'a name': { event: 'order.kind3' },
  'a name that there is not': { event: 'order.nothing' },
  'a tenant': { tenant: 'tenant 7' },
  'a correlation id': { correlationId: 'correlation 190003' },
  'a day': { from: new Date(Date.UTC(2030, 0, 2)), to: new Date(Date.UTC(2030, 0, 3)) },
};
const OF_FAILURES = {
  ...OF_EVENTS,
  'a receiver': { receiver: 'first' },
  'an error': { error: 'Error 3' },
  'a group of errors': { errorGroup: '3333333333333333' },
  'a group of errors of a receiver': { errorGroup: '3333333333333333', receiver: 'second' },
  'a receiver and a tenant': { receiver: 'second', tenant: 'tenant 7' },
};
const OF_DELIVERIES = {
  ...OF_FAILURES,
  'what waits': { state: 'waiting' },
  'what waits for a receiver': { state: 'waiting', receiver: 'first' },
  'what is delayed': { state: 'delayed' },
  'what is retried': { state: 'retrying' },
  'what is retried of a receiver': { state: 'retrying', receiver: 'second' },
  'what runs': { state: 'running' },
  'what runs of a receiver': { state: 'running', receiver: 'first' },
} as const;
const OF_AUDIT = { 'all of them': {}, 'an actor': { actor: 'user 3' }, 'a subject': { subject: 'delivery:17.1' } };

/** Pages that are read of one list. */
const PAGES = 3;

async function pages(read: (after: object) => Promise<{ readonly next: string | null }>): Promise<void> {
  let after: object | undefined = {};
  for (let number = 0; number < PAGES && after !== undefined; number += 1) {
    const { next }: { readonly next: string | null } = await read(after);
    after = next === null ? undefined : { after: next };
  }
}

function queriesOf<Filter extends object>(
  what: string,
  filters: Readonly<Record<string, Filter>>,
  list: (app: OperatedApplication, filter: Filter, after: object) => Promise<{ readonly next: string | null }>,
  count?: (app: OperatedApplication, filter: Filter) => Promise<unknown>,
): Query[] {
  return Object.entries(filters).flatMap(([name, filter]) => [
    { name: `pages of ${what}: ${name}`, run: (app) => pages((after) => list(app, filter, after)) },
    ...(count === undefined
      ? []
      : [{ name: `the count of ${what}: ${name}`, run: (app: OperatedApplication) => count(app, filter) }]),
  ]);
}

/** An application with much in its tables, that tells how PostgreSQL goes about its statements. */
export class PlanFixture {
  static readonly QUERIES: readonly Query[] = [
    ...queriesOf(
      'deliveries',
      OF_DELIVERIES,
      (app, filter, after) => app.deliveries.list({ ...filter, ...after, limit: 50 }),
      (app, filter) => app.deliveries.count(filter),
    ),
    ...queriesOf(
      'dead letters',
      OF_FAILURES,
      (app, filter, after) => app.deadLetters.list({ ...filter, ...after, limit: 50 }),
      (app, filter) => app.deadLetters.count(filter),
    ),
    ...queriesOf(
      'events',
      OF_EVENTS,
      (app, filter, after) => app.log.list({ ...filter, ...after, limit: 50 }),
      (app, filter) => app.log.count(filter),
    ),
    ...queriesOf(
      'errors of deliveries',
      { 'all of them': {}, 'a receiver': { receiver: 'second' } },
      (app, filter, after) => app.deliveries.errors({ ...filter, ...after, limit: 5 }),
    ),
    ...queriesOf('errors', { 'all of them': {}, 'a receiver': { receiver: 'second' } }, (app, filter, after) =>
      app.deadLetters.errors({ ...filter, ...after, limit: 5 }),
    ),
    ...queriesOf('the audit', OF_AUDIT, (app, filter, after) => app.audit.list({ ...filter, ...after, limit: 50 })),
    {
      name: 'what is to be replayed',
      run: (app) =>
        app.log.replaySpan({
          ...{ actor: 'me', receiver: 'second', dryRun: true, limit: 100, scope: 'missed' },
          ...{ from: new Date(Date.UTC(2030, 0, 2)), to: new Date(Date.UTC(2030, 0, 3)) },
        }),
    },
    {
      name: 'what is to be redriven',
      run: (app) => app.deadLetters.redriveMatching({ receiver: 'first' }, { actor: 'me', dryRun: true, limit: 100 }),
    },
  ];

  private constructor(readonly app: OperatedApplication) {}

  static async fill(amounts: Amounts): Promise<PlanFixture> {
    const app = await OperatedApplication.start([Receivers]);
    await app.rows('alter table jobs_event set (autovacuum_enabled = false)');
    await app.rows('alter table jobs_delivery set (autovacuum_enabled = false)');
    for (const sql of fillStatements(amounts)) await app.rows(sql);
    for (const table of LARGE) await app.rows(`vacuum analyze ${table}`);
    return new PlanFixture(app);
  }

  /** The statements a query runs that are planned for their values. */
  async statementsOf(name: string, spy: jest.SpyInstance): Promise<readonly RunStatement[]> {
    await PlanFixture.QUERIES.find((query) => query.name === name)?.run(this.app);
    const calls = spy.mock.calls as unknown as readonly [string, readonly unknown[] | undefined][];
    return calls.map(([text, values = []]) => ({ text, values }));
  }

  /** Runs a statement again, and judges how. */
  async planOf({ text, values }: RunStatement): Promise<JudgedPlan> {
    const client = await postgresPool(this.app.application.dataSource).connect();
    try {
      const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>({
        text: `explain (analyze, buffers, timing off, format json) ${text}`,
        values,
      });
      const plan = rows[0]!['QUERY PLAN'][0].Plan;
      return {
        faults: nodesOf(plan).flatMap(faultOf),
        buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'],
      };
    } finally {
      client.release();
    }
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

function nodesOf(node: PlanNode): readonly PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function faultOf(node: PlanNode): readonly string[] {
  const { 'Node Type': type, 'Relation Name': relation = '' } = node;
  const rows = node['Actual Rows'] * node['Actual Loops'];
  if (type === 'Seq Scan' && LARGE.includes(relation)) return [`${type} of ${relation}`];
  if (type.includes('Sort') && rows > SORTED) return [`${type} of ${rows} rows`];
  return [];
}

function fillStatements({ events, deliveries, deadLetters, audit }: Amounts): readonly string[] {
  return [
    // An event every second.
    `insert into jobs_event (name, payload, receivers, created_at, retain_until, tenant, correlation_id)
     select 'order.kind' || i % 10, jsonb_build_object('orderId', i, 'text', repeat('x', 100)), '{1}',
       timestamptz '2030-01-01 00:00:00+00' + i * interval '1 second', timestamptz '2031-01-01' + i * interval '1 second',
       case when i % 2 = 0 then 'tenant ' || i % 101 end, case when i % 10 = 3 then 'correlation ' || i end
     from generate_series(1, ${events}) i`,
    // The latest: mostly waiting, some of them running, delayed or failed.
    `insert into jobs_delivery (event_id, receiver, priority, ready_xid, due_at, worker, attempts, error, fingerprint, failures)
     select e, r, 4, case when s < 90 then 1000 + e / 100 end,
       case when s >= 90 then timestamptz '2030-02-01' + e * interval '1 second' end, case when s < 90 and e % 1000 = 0 then 1 end,
       case when s >= 95 then 1 else 0 end, case when s >= 95 then 'Error ' || e % 7 end, case when s >= 95 then repeat((e % 7)::text, 16) end,
       case when s >= 95 then jsonb_build_array(jsonb_build_object('name', 'Error', 'message', 'failed')) end
     from (select ${events} - i / 2 as e, i % 2 + 1 as r, i / 2 % 100 as s from generate_series(0, ${deliveries - 1}) i) d`,
    `insert into jobs_dead_letter (event_id, receiver, version, priority, claims, attempts, interruptions, kind, reason, died_at, error, fingerprint)
     select i % ${events} + 1, i % 2 + 1, 1, 4, 3, 3, 0, case when i % 20 = 0 then 'discarded' else 'dead' end, 'failed 3 times',
       timestamptz '2030-01-01' + i * interval '1 second', 'Error ' || i % 7, repeat((i % 7)::text, 16)
     from generate_series(1, ${deadLetters}) i`,
    `insert into jobs_audit (actor, action, subject, at)
     select 'user ' || i % 50, 'delivery.retried', 'delivery:' || i || '.1', timestamptz '2030-01-01' + i * interval '1 second'
     from generate_series(1, ${audit}) i`,
  ];
}
