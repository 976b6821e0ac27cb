import type { DataSource } from 'typeorm';

/** One line for each thing the database knows of the engine's tables, without the name of the schema they are in. */
export async function catalogueOf(dataSource: DataSource, schema = 'public'): Promise<readonly string[]> {
  const rows: { line: string }[] = await dataSource.query(CATALOGUE, [schema]);
  const qualifiers = [`"${schema}".`, `${schema}.`];
  return rows
    .map(({ line }) => qualifiers.reduce((text, qualifier) => text.replaceAll(qualifier, ''), line))
    .sort((one, other) => (one < other ? -1 : 1));
}

const CATALOGUE = `
with relation as (
  select c.* from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname like 'jobs\\_%'
)
select format('%s %s, kind %s, options %s', 'relation', relname, relkind, reloptions) as line from relation
union all
select format('column %s.%s, number %s, %s, not null %s, default %s, identity %s', r.relname, a.attname, a.attnum,
  format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity)
from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
left join pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum where r.relkind = 'r'
union all
select format('index %s: %s', r.relname, pg_get_indexdef(r.oid)) from relation r where r.relkind = 'i'
union all
select format('statistics: %s', pg_get_statisticsobjdef(s.oid)) from relation r join pg_statistic_ext s on s.stxrelid = r.oid
union all
select format('constraint %s of %s: %s', k.conname, r.relname, pg_get_constraintdef(k.oid))
from relation r join pg_constraint k on k.conrelid = r.oid
union all
select format('sequence %s: %s from %s by %s up to %s, cycles %s, owned by %s.%s', r.relname, format_type(s.seqtypid, null), s.seqstart,
  s.seqincrement, s.seqmax, s.seqcycle, o.relname, a.attname)
from relation r join pg_sequence s on s.seqrelid = r.oid
left join pg_depend p on p.objid = r.oid and p.deptype = 'a' and p.refclassid = 'pg_class'::regclass
left join pg_class o on o.oid = p.refobjid left join pg_attribute a on a.attrelid = p.refobjid and a.attnum = p.refobjsubid
union all
select format('trigger: %s', pg_get_triggerdef(t.oid)) from relation r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
union all
select format('function %s: %s', p.proname, pg_get_functiondef(p.oid)) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = $1 and p.proname like 'jobs\\_%'
union all
select format('comment on %s: %s', r.relname, obj_description(r.oid, 'pg_class')) from relation r
where obj_description(r.oid, 'pg_class') is not null`;
