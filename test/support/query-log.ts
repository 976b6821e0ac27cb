import type { Logger } from 'typeorm';

/** A user's query log that keeps what it is told instead of printing it. */
export class QueryLog implements Logger {
  readonly lines: string[] = [];

  logQuery(query: string): void {
    this.lines.push(query);
  }

  logQueryError(_error: string | Error, query: string): void {
    this.lines.push(query);
  }

  logQuerySlow(_time: number, query: string): void {
    this.lines.push(query);
  }

  logSchemaBuild(message: string): void {
    this.lines.push(message);
  }

  logMigration(message: string): void {
    this.lines.push(message);
  }

  log(_level: string, message: string): void {
    this.lines.push(message);
  }
}
