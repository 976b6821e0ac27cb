import type { DataSource } from 'typeorm';

/** Something of a table that statements may rely on. */
export interface TablePromise {
  readonly table: string;
  readonly what: string;
  /** Whether an insert that does not know of it succeeds all the same. */
  readonly optional: boolean;
}

/** A value of each type for row `i`, as SQL. */
const SAMPLES: Readonly<Record<string, string>> = {
  bigint: 'i',
  integer: 'i',
  smallint: '(i % 7)::smallint',
  text: `'text ' || i`,
  jsonb: `jsonb_build_object('number', i)`,
  'text[]': `array['text ' || i]`,
  'integer[]': 'array[i]',
  'timestamp with time zone': `now() + i * interval '1 minute'`,
  uuid: 'gen_random_uuid()',
  bytea: `decode(md5(i::text), 'hex')`,
  boolean: 'i % 2 = 0',
};

/** The package's tables with something in them, of whatever version they are. */
export class FilledTables {
  /** Columns of each table at the time it was filled. */
  private readonly filled = new Map<string, readonly string[]>();

  constructor(private readonly dataSource: DataSource) {}

  async names(): Promise<readonly string[]> {
    const rows: { name: string }[] = await this.dataSource.query(
      `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname like 'jobs\\_%'
       order by 1`,
    );
    return rows.map(({ name }) => name);
  }

  /** Puts rows, beside what a version itself put there, into each table that has none from here yet, with a value for everything an insert must say. */
  async fill(count: number): Promise<void> {
    for (const table of await this.names()) {
      if (this.filled.has(table) || table === 'jobs_schema') continue;
      const columns: { name: string; type: string; required: boolean }[] = await this.dataSource.query(
        `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull and not atthasdef as required
         from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
        [table],
      );
      const required = columns.filter((column) => column.required);
      const values = required.map(({ type }) => SAMPLES[type] ?? `no sample of ${type}`);
      await this.dataSource.query(
        `insert into ${table} (${required.map(({ name }) => name).join(', ')}) select ${values.join(', ')} from generate_series(1, $1::int4) i
         on conflict do nothing`,
        [count],
      );
      this.filled.set(
        table,
        columns.map(({ name }) => name),
      );
    }
  }

  /** What the filled tables hold in the columns they had then, those that are gone left out. */
  async fingerprints(): Promise<Readonly<Record<string, string>>> {
    const there = await this.names();
    const found: Record<string, string> = {};
    for (const [table, columns] of this.filled) {
      if (!there.includes(table)) continue;
      const [row]: { hash: string }[] = await this.dataSource.query(
        `select count(*) || ' ' || md5(string_agg(line, '' order by line)) as hash
         from (select row(${columns.map((column) => `"${column}"`).join(', ')})::text as line from ${table}) as rows`,
      );
      found[table] = row?.hash ?? 'nothing';
    }
    return found;
  }

  /** Columns with their types, and what must be unique or hold. */
  promises(): Promise<readonly TablePromise[]> {
    return this.dataSource.query(
      `with relation as (
         select oid, relname as table from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' and relname like 'jobs\\_%'
       )
       select r.table, format('%s %s', a.attname, format_type(a.atttypid, a.atttypmod)) as what, a.atthasdef or not a.attnotnull as optional
       from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
       union all
       select r.table, format('default of %s: %s', a.attname, pg_get_expr(d.adbin, d.adrelid)), true
       from relation r join pg_attrdef d on d.adrelid = r.oid join pg_attribute a on a.attrelid = r.oid and a.attnum = d.adnum
       union all
       select r.table, format('%s may be null', a.attname), true
       from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped and not a.attnotnull
       union all
       select r.table, pg_get_constraintdef(c.oid), false from relation r join pg_constraint c on c.conrelid = r.oid and c.contype <> 'n'
       union all
       select r.table, regexp_replace(pg_get_indexdef(i.indexrelid), '^.* ON ', 'unique: '), false
       from relation r join pg_index i on i.indrelid = r.oid and i.indisunique`,
    );
  }
}
