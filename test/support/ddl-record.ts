import type { DataSource } from 'typeorm';

/** Records every statement that changes the catalogue, by whomever it is sent. */
export class DdlRecord {
  private constructor(private readonly dataSource: DataSource) {}

  static async begin(dataSource: DataSource): Promise<DdlRecord> {
    await dataSource.query(`
      create table ddl_record (position bigserial, tag text, query text);
      create function record_ddl() returns event_trigger language plpgsql as $$
        begin insert into public.ddl_record (tag, query) values (tg_tag, current_query()); end $$;
      create event trigger record_ddl on ddl_command_end execute function record_ddl()`);
    return new DdlRecord(dataSource);
  }

  /** What was recorded since the last call. */
  async take(): Promise<readonly string[]> {
    const rows: { query: string }[] = await this.dataSource.query('table ddl_record order by position');
    await this.dataSource.query('delete from ddl_record');
    return rows.map(({ query }) => query);
  }
}
