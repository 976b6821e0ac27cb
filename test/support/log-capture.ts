import type { LoggerService } from '@nestjs/common';

/** One line of the log. */
export interface LoggedLine {
  readonly level: 'log' | 'warn' | 'error' | 'debug' | 'verbose' | 'fatal';
  readonly message: string;
  /** What followed the message: a stack, the context's name. */
  readonly details: readonly unknown[];
}

/** A logger that keeps what it is told. */
export class LogCapture implements LoggerService {
  readonly lines: LoggedLine[] = [];

  readonly log = this.keeper('log');
  readonly warn = this.keeper('warn');
  readonly error = this.keeper('error');
  readonly debug = this.keeper('debug');
  readonly verbose = this.keeper('verbose');
  readonly fatal = this.keeper('fatal');

  /** Messages of the given levels, all of them by default. */
  messages(...levels: readonly LoggedLine['level'][]): string[] {
    return this.lines
      .filter(({ level }) => levels.length === 0 || levels.includes(level))
      .map(({ message }) => message);
  }

  /** Everything that was logged, as it would stand in a file. */
  get text(): string {
    return this.lines.map(({ message, details }) => [message, ...details].map(String).join(' ')).join('\n');
  }

  clear(): void {
    this.lines.length = 0;
  }

  private keeper(level: LoggedLine['level']): (message: unknown, ...details: unknown[]) => void {
    return (message, ...details) => {
      this.lines.push({ level, message: String(message), details });
      if (process.env['TEST_LOG'] !== undefined) console.info(level, message, ...details);
    };
  }
}
