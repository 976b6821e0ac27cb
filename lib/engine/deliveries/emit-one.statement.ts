import { readyPosition } from '../claiming/claim.statements.js';
import { type Statement, statement } from '../database/statement.js';
import type { TableNames } from '../schema/table-names.js';
import { LANES_PER_RECEIVER } from './emit.statements.js';

/** One event without a deduplication key, to receivers that are known. */
export interface EmitOneValues {
  readonly name: string;
  readonly version: number;
  /** JSON text. */
  readonly payload: string;
  readonly receivers: readonly number[];
  /** Revision of the registration by which the receivers are known. */
  readonly revision: string;
  readonly priority: number;
  /** Milliseconds from now until the event may be purged. */
  readonly retain: number;
  /** JSON text. */
  readonly headers?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly tenant?: string | undefined;
  readonly key?: string | undefined;
  readonly keyLane?: number | undefined;
  readonly tags?: readonly string[] | undefined;
  /** Milliseconds from now until the deliveries are due, more than none. */
  readonly delay?: number | undefined;
  /** Time at which the deliveries are due, as ISO text. */
  readonly runAt?: string | undefined;
  /** Milliseconds added to the database's clock. */
  readonly offset?: number | undefined;
}

/** Row the statement answers with; none when the registration has another revision. */
export interface EmittedOneRow {
  readonly id: string;
  /** Milliseconds since the epoch, by the database's clock; there when it was asked for. */
  readonly created_at?: number;
}

type Field = keyof EmitOneValues;

const ALWAYS: readonly Field[] = ['name', 'version', 'payload', 'receivers', 'revision', 'priority', 'retain'];
const LABELS = { headers: 'headers', correlationId: 'correlation_id', tenant: 'tenant', key: 'key', tags: 'tags' };
const LABEL_FIELDS = Object.keys(LABELS) as readonly (keyof typeof LABELS)[];
const SOMETIMES: readonly Field[] = [...LABEL_FIELDS, 'keyLane', 'delay', 'runAt', 'offset'];

/**
 * Writes one event and its deliveries, which is what nearly every call emits. Nothing is written when the registration has another
 * revision than that by which the receivers are known.
 *
 * The statement names what an event has, and nothing it lacks: each parameter and column costs, those that stay empty too. An
 * application has few such kinds of events, and each is a statement of its own.
 */
export class EmitOneStatement {
  private readonly statements = new Map<string, Statement>();

  /** @param timed whether to answer with the time of the emission. */
  constructor(
    private readonly names: TableNames,
    private readonly timed: boolean,
  ) {}

  /** The statement that writes an event of such values, and its parameters. */
  of(values: EmitOneValues): { readonly statement: Statement; readonly parameters: readonly unknown[] } {
    const given = SOMETIMES.filter((field) => values[field] !== undefined);
    const kind = given.join();
    let known = this.statements.get(kind);
    if (known === undefined) this.statements.set(kind, (known = emitOneStatement(this.names, given, this.timed)));
    const parameters: unknown[] = [];
    for (const field of ALWAYS) parameters.push(values[field]);
    for (const field of given) parameters.push(values[field]);
    return { statement: known, parameters };
  }
}

function emitOneStatement(names: TableNames, given: readonly Field[], timed: boolean): Statement {
  const fields = [...ALWAYS, ...given];
  const has = (field: Field): boolean => given.includes(field);
  const parameter = (field: Field): string => `$${fields.indexOf(field) + 1}`;
  const moved = (time: string): string =>
    has('offset') ? `(${time} + ${parameter('offset')} * interval '1 millisecond')` : time;
  const labels = LABEL_FIELDS.filter(has);
  const due = dueAt(has, parameter, moved('statement_timestamp()'));
  const lane = has('keyLane') ? `${parameter('keyLane')}::int` : undefined;
  const ready = lane === undefined ? 'txid_current()' : readyPosition(lane);
  const columns: readonly (readonly [column: string, value: string])[] = [
    ['event_id', 'r.id'],
    ['receiver', 'r.receiver'],
    ['version', `${parameter('version')}::smallint`],
    ['priority', `${parameter('priority')}::smallint`],
    ...(lane === undefined ? [] : [['lane', `r.receiver * ${LANES_PER_RECEIVER} + ${lane}`] as const]),
    ...(due === undefined ? [] : [['due_at', due] as const]),
    ['ready_xid', due === undefined ? ready : `case when ${due} is null then ${ready} end`],
  ];
  return statement(
    'emit_one',
    `
with event as (
  insert into ${names.event} (${['name', 'version', 'payload', 'receivers', 'created_at', 'retain_until', ...labels.map((label) => LABELS[label])].join(', ')})
  select ${(['name', 'version', 'payload', 'receivers'] as const).map(parameter).join(', ')}, ${moved('now()')},
    ${moved('now()')} + ${parameter('retain')} * interval '1 millisecond'${labels.map((label) => `, ${parameter(label)}`).join('')}
  from ${names.registration} where revision = ${parameter('revision')}
  returning id, created_at
), delivery as (
  insert into ${names.delivery} (${columns.map(([column]) => column).join(', ')})
  select ${columns.map(([, value]) => value).join(', ')}
  from (select id, unnest(${parameter('receivers')}::int[]) as receiver from event) r
)
select id::text${timed ? `, date_part('epoch', created_at) * 1000 as created_at` : ''} from event`,
  );
}

/** When deliveries are due: never before the moment of the statement, however long its transaction is open already. */
function dueAt(
  has: (field: Field) => boolean,
  parameter: (field: Field) => string,
  moment: string,
): string | undefined {
  if (has('delay')) return `${moment} + ${parameter('delay')} * interval '1 millisecond'`;
  if (!has('runAt')) return undefined;
  return `case when ${parameter('runAt')}::timestamptz > ${moment} then ${parameter('runAt')}::timestamptz end`;
}
