import type { PostgresPool } from '../engine/database/postgres-driver.js';
import { warnOfForgotten } from '../engine/worker/forgotten.js';

/** Lets a test process end by itself although its application was not closed, and says what was forgotten. */
export class ForgottenApplication {
  private end: (() => void) | undefined;

  /** Connections that nobody uses keep nothing alive from here on. */
  watch(pool: PostgresPool): void {
    Object.assign(pool.options, { allowExitOnIdle: true });
    this.end ??= warnOfForgotten('An application with JobsTestingModule was not closed');
  }

  closed(): void {
    this.end?.();
    this.end = undefined;
  }
}
